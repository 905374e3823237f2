// Keys: shown once, kept as a hash, told from a slip of the hand without asking the store, and shut at once.
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findCaller } from '../../src/accounts/callers.ts'
import { looksLikeSecret, newSecret } from '../../src/accounts/secret.ts'
import { systemClock } from '../../src/clock.ts'
import { keyAlphabet } from '../../src/ids.ts'
import { adminToken, startGateway } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { failure, seen } from './expectations.ts'

let gateway: Gateway
let accountId: string
let aheadMs = 0
const now = () => Date.now() + aheadMs
const monotonic = () => systemClock.monotonic() + aheadMs
beforeAll(async () => {
  gateway = await startGateway({ clock: { ...systemClock, now, monotonic } })
  accountId = (await gateway.operator('POST', '/accounts', { name: 'shop' })).json.data.id
})
afterAll(async () => await gateway.stop())

const makeKey = async (body: object = { name: 'till' }) =>
  (await gateway.operator('POST', `/accounts/${accountId}/keys`, body)).json.data
const ask = (key: string) => gateway.call('GET', '/api/v1/credits', { key })

test('a key is sk- and 32 letters and digits, never the same twice', async () => {
  const keys = await Promise.all(Array.from({ length: 20 }, () => makeKey()))
  for (const { key } of keys) expect(key).toMatch(/^sk-[0-9A-Za-z]{32}$/)
  expect(new Set(keys.map(({ key }) => key.slice(3, 29))).size).toBe(20)
})

describe('a mistyped key', () => {
  const untouchable = new Proxy({} as Parameters<typeof findCaller>[0], {
    get() {
      throw new Error('the store was asked')
    },
  })
  const look = (secret: string) => findCaller(untouchable, secret, { nowMs: Date.now() })

  test('is told by its checksum, whichever character is wrong, without asking the store', async () => {
    const secret = newSecret()
    expect(() => look(secret)).toThrow('the store was asked')
    for (let at = 0; at < secret.length; at += 1) {
      for (const letter of keyAlphabet) {
        if (letter === secret[at]) continue
        const slip = secret.slice(0, at) + letter + secret.slice(at + 1)
        expect(await look(slip), slip).toBeNull()
      }
    }
  })

  test('is told when two neighbours changed places, or something is missing or too much', () => {
    const secret = newSecret()
    for (let at = 3; at < secret.length - 1; at += 1) {
      const [one = '', other = ''] = secret.slice(at, at + 2)
      if (one !== other)
        expect(looksLikeSecret(secret.slice(0, at) + other + one + secret.slice(at + 2))).toBe(false)
    }
    for (const wrong of [
      '',
      'sk-',
      secret.slice(0, -1),
      `${secret}a`,
      `${secret}\n`,
      ` ${secret}`,
      secret.slice(3),
      secret.toUpperCase(),
    ]) {
      expect(looksLikeSecret(wrong), wrong).toBe(false)
    }
  })
})

describe('the door', () => {
  test.each(['Bearer', 'bearer', 'BEARER'])('opens for the scheme %s', async (scheme) => {
    const { key } = await makeKey()
    const answer = await gateway.call('GET', '/api/v1/credits', {
      headers: { authorization: `${scheme} ${key}` },
    })
    expect(answer.status).toBe(200)
  })

  test.each([
    ['no header', () => ({})],
    ['an empty one', () => ({ authorization: '' })],
    ['the scheme alone', () => ({ authorization: 'Bearer' })],
    ['another scheme', (key: string) => ({ authorization: `Basic ${key}` })],
    ['no scheme', (key: string) => ({ authorization: key })],
    ['two keys', (key: string) => ({ authorization: `Bearer ${key} ${key}` })],
    [
      'a slip',
      (key: string) => ({ authorization: `Bearer ${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}` }),
    ],
    ['a good form that nobody was given', () => ({ authorization: `Bearer ${newSecret()}` })],
    ['the admin token', () => ({ authorization: `Bearer ${adminToken}` })],
    ['the key in another header', (key: string) => ({ 'x-api-key': key })],
    ['a megabyte of nothing', () => ({ authorization: `Bearer ${'a'.repeat(8_000)}` })],
  ])('stays shut for %s', async (_name, headersOf) => {
    const { key } = await makeKey()
    const answer = await gateway.call('GET', '/api/v1/credits', { headers: headersOf(key) })
    expect(seen(answer)).toEqual(failure({ type: 'unauthorized', status: 401 }))
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  })

  test('stays shut for a key in the URL', async () => {
    const { key } = await makeKey()
    expect((await gateway.call('GET', `/api/v1/credits?key=${key}&access_token=${key}`)).status).toBe(401)
  })

  test('is asked before the body is looked at', async () => {
    const answer = await gateway.call('POST', '/api/v1/tasks/create', { key: newSecret(), body: '{"broken' })
    expect(seen(answer)).toEqual(failure({ type: 'unauthorized', status: 401 }))
  })
})

test('a revoked key is shut from the next request on; the others of the account are not', async () => {
  const [one, other] = [await makeKey(), await makeKey()]
  expect((await ask(one.key)).status).toBe(200)
  const revoked = (await gateway.operator('DELETE', `/keys/${one.id}`)).json.data
  expect(revoked).toMatchObject({ id: one.id, revoked_at: expect.any(Number) })
  expect(seen(await ask(one.key))).toEqual(failure({ type: 'unauthorized', status: 401 }))
  expect((await ask(other.key)).status).toBe(200)
  // Revoking twice is revoking once.
  expect((await gateway.operator('DELETE', `/keys/${one.id}`)).json.data).toEqual(revoked)
})

test('a key that another process revokes in the store is shut as well', async () => {
  const { id, key } = await makeKey()
  for (let asked = 0; asked < 3; asked += 1) expect((await ask(key)).status).toBe(200)
  await gateway.store.write('UPDATE keys SET revoked_at = ? WHERE id = ?', [now(), id])
  expect(seen(await ask(key))).toEqual(failure({ type: 'unauthorized', status: 401 }))
})

test('a key expires at its second', async () => {
  const expires_at = Math.floor(now() / 1000) + 3_600
  const { key } = await makeKey({ name: 'for an hour', expires_at })
  expect((await ask(key)).status).toBe(200)
  aheadMs = expires_at * 1000 - Date.now() - 5_000
  expect((await ask(key)).status).toBe(200)
  aheadMs += 5_001
  const late = await ask(key)
  aheadMs = 0
  expect(seen(late)).toEqual(failure({ type: 'unauthorized', status: 401 }))
})

describe('on one connection, where the last caller is recognised', () => {
  /** The status, and the balance that the caller was shown. */
  const talk = async (
    converse: (ask: (shown?: string) => Promise<[number, number | null]>) => Promise<void>,
  ) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const sockets = new Set<unknown>()
    const shownBy = async (authorization?: string): Promise<[number, number | null]> => {
      const asking = request(`${gateway.url}/api/v1/credits`, {
        agent,
        headers: authorization === undefined ? {} : { authorization },
      }).end()
      const [answer] = (await once(asking, 'response')) as [IncomingMessage]
      sockets.add(asking.socket)
      const { data } = (await json(answer)) as { data: { balance: number } | null }
      return [answer.statusCode ?? 0, data?.balance ?? null]
    }
    await converse(shownBy).finally(() => agent.destroy())
    expect(sockets.size).toBe(1)
  }
  const shut: [number, null] = [401, null]

  test('everybody is shown his own, and nobody who shows nothing, or a slip, is let in', async () => {
    const [mine, theirs] = [await gateway.customer(11), await gateway.customer(22)]
    await talk(async (shown) => {
      expect(await shown()).toEqual(shut)
      expect(await shown(`Bearer ${mine.key}`)).toEqual([200, 11])
      expect(await shown(`Bearer ${mine.key}`)).toEqual([200, 11])
      expect(await shown(`Bearer ${theirs.key}`)).toEqual([200, 22])
      expect(await shown(`Bearer ${newSecret()}`)).toEqual(shut)
      expect(await shown()).toEqual(shut)
      expect(await shown(`Bearer ${mine.key}`)).toEqual([200, 11])
    })
  })

  test('a key is shut as soon as it is revoked or expires', async () => {
    const { accountId: account } = await gateway.customer(33)
    const makeFor = async (body: object) =>
      (await gateway.operator('POST', `/accounts/${account}/keys`, body)).json.data
    const revoked = await makeFor({ name: 'to be revoked' })
    const expires_at = Math.floor(now() / 1000) + 3_600
    const expired = await makeFor({ name: 'for an hour', expires_at })
    await talk(async (shown) => {
      expect(await shown(`Bearer ${revoked.key}`)).toEqual([200, 33])
      await gateway.operator('DELETE', `/keys/${revoked.id}`)
      expect(await shown(`Bearer ${revoked.key}`)).toEqual(shut)
      expect(await shown(`Bearer ${expired.key}`)).toEqual([200, 33])
      aheadMs = (expires_at + 1) * 1000 - Date.now()
      const late = await shown(`Bearer ${expired.key}`)
      aheadMs = 0
      expect(late).toEqual(shut)
    })
  })
})

test('an account that is suspended can still be looked at with its key', async () => {
  const { key } = await makeKey()
  await gateway.operator('PATCH', `/accounts/${accountId}`, { status: 'suspended' })
  expect((await ask(key)).status).toBe(200)
  await gateway.operator('PATCH', `/accounts/${accountId}`, { status: 'active' })
})

test('a key is shown once, and stands in no file of the store', async () => {
  const made = await makeKey({ name: 'a name to find', expires_at: null })
  expect(made).toEqual({
    id: expect.stringMatching(/^key_/),
    account_id: accountId,
    name: 'a name to find',
    prefix: `${made.key.slice(0, 7)}…`,
    test: false,
    expires_at: null,
    revoked_at: null,
    created_at: expect.any(Number),
    last_used_at: null,
    limits: {
      requests_per_minute: null,
      tasks_in_flight: null,
      credits_total: null,
      credits_per_day: null,
      models: null,
      cidrs: null,
    },
    used: null,
    key: made.key,
  })
  const { keys } = (await gateway.operator('GET', `/accounts/${accountId}/keys`)).json.data
  const { key: _key, ...rest } = made
  expect(keys.at(-1)).toEqual(rest)
  expect(JSON.stringify(keys)).not.toMatch(/sk-[0-9A-Za-z]{32}|hash/)

  expect((await ask(made.key)).status).toBe(200)
  const folder = join(gateway.folder, 'data')
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  const kept = Buffer.concat([
    await gateway.store.bytes(),
    ...files.map(({ parentPath, name }) => readFileSync(join(parentPath, name))),
  ])
  expect(kept.includes('a name to find')).toBe(true)
  expect(kept.includes(made.key)).toBe(false)
  expect(kept.includes(made.key.slice(3))).toBe(false)
  expect(kept.includes(made.key.slice(10))).toBe(false)
})
