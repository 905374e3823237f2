// Signatures: the published example comes out, the published verifier is content, and a changed byte is noticed.
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { newSecret, signedHeaders } from '../../src/webhooks/signing/sign.ts'

const nowMs = () => Math.floor(Date.now() / 1000) * 1000
const body = '{"type":"task.succeeded","data":{"prompt":"一只苍鹭"}}'

test('the example of the published libraries comes out as they have it', () => {
  const headers = signedHeaders(
    { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', nowMs: 1614265330_000, body: '{"test": 2432232314}' },
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  )
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('a secret is at least 24 random bytes in base64 behind whsec_, and never the same', () => {
  const secrets = Array.from({ length: 50 }, newSecret)
  for (const secret of secrets) {
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]+=*$/)
    expect(Buffer.from(secret.slice(6), 'base64').length).toBeGreaterThanOrEqual(24)
  }
  expect(new Set(secrets).size).toBe(50)
})

describe('the published verifier', () => {
  const secret = newSecret()
  const headers = signedHeaders({ id: 'msg_1', nowMs: nowMs(), body }, [secret])

  test('takes what was signed', () => {
    expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body))
  })

  test.each([
    ['a byte of the body', () => [body.replace('task', 'tusk'), headers] as const],
    ['the id', () => [body, { ...headers, 'webhook-id': 'msg_2' }] as const],
    [
      'the time',
      () =>
        [
          body,
          { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) - 1) },
        ] as const,
    ],
  ])('refuses it when %s was changed', (_what, changed) => {
    const [text, signed] = changed()
    expect(() => new Webhook(secret).verify(text, signed)).toThrow()
  })

  test('refuses another secret', () => {
    expect(() => new Webhook(newSecret()).verify(body, headers)).toThrow()
  })

  test('takes either of two secrets that sign together', () => {
    const other = newSecret()
    const both = signedHeaders({ id: 'msg_1', nowMs: nowMs(), body }, [secret, other])
    expect(both['webhook-signature'].split(' ')).toHaveLength(2)
    for (const one of [secret, other]) expect(() => new Webhook(one).verify(body, both)).not.toThrow()
  })
})
