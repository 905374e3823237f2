// Each receiver gets what its maker publishes, and an answer counts as its maker means it.
import { createHmac } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { Webhook } from 'standardwebhooks'
import { describe, expect, onTestFinished, test } from 'vitest'
import { showFor } from '../../src/alerts/receivers/escape.ts'
import { sendTo } from '../../src/alerts/receivers/send.ts'
import type { Outcome } from '../../src/alerts/receivers/send.ts'
import { tell } from '../../src/alerts/words.ts'
import type { AlertReceiver, ReceiverType } from '../../src/config/alerts.ts'
import { receiverTypes } from '../../src/config/alerts.ts'
import { createLog } from '../../src/log.ts'
import { createGuard } from '../../src/net/guard.ts'
import { newSecret } from '../../src/webhooks/signing/sign.ts'
import { startReceiver } from '../support/receiver.ts'
import type { Receiver, Told } from '../support/receiver.ts'

const nowMs = Math.floor(Date.now() / 1_000) * 1_000 + 123
const secret = 'SEC000f5d3c2b1a09876'
const token = '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw'
const deviceKey = 'ynJ5Ft4atkMkWeo2PAvFhF'

const answer =
  (body: unknown, code = 200) =>
  (response: ServerResponse): void =>
    void response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))

/** What each answers when it has taken a message, and when it has not although HTTP says 200. */
const answers: Readonly<Record<ReceiverType, { taken: [unknown, number]; refused: [unknown, number] }>> = {
  webhook: { taken: ['', 204], refused: ['no', 400] },
  slack: { taken: ['ok', 200], refused: ['no_service', 404] },
  discord: { taken: ['', 204], refused: [{ message: 'Unknown Webhook', code: 10015 }, 404] },
  feishu: {
    taken: [{ code: 0, msg: 'success', data: {} }, 200],
    refused: [{ code: 19021, msg: 'sign match fail or timestamp is not within one hour', data: {} }, 200],
  },
  dingtalk: {
    taken: [{ errcode: 0, errmsg: 'ok' }, 200],
    refused: [{ errcode: 310000, errmsg: 'sign not match' }, 200],
  },
  wecom: {
    taken: [{ errcode: 0, errmsg: 'ok' }, 200],
    refused: [{ errcode: 93000, errmsg: 'invalid webhook url' }, 200],
  },
  telegram: {
    taken: [{ ok: true, result: { message_id: 1 } }, 200],
    refused: [{ ok: false, error_code: 400, description: 'Bad Request: chat not found' }, 400],
  },
  bark: {
    taken: [{ code: 200, message: 'success', timestamp: 1 }, 200],
    refused: [{ code: 400, message: 'failed to get device token' }, 200],
  },
}

function receiverAt(url: string, type: ReceiverType): AlertReceiver {
  const ofServer = type === 'telegram' || type === 'bark'
  return {
    name: 'night',
    type,
    url: ofServer ? new URL(url).origin : `${url}?access_token=a-token-of-the-chat`,
    secret: type === 'webhook' ? newSecret() : secret,
    token: type === 'telegram' ? token : null,
    chatId: type === 'telegram' ? '-1001' : null,
    deviceKey: type === 'bark' ? deviceKey : null,
    missing: null,
  }
}

const logged: string[] = []

async function send(receiver: AlertReceiver, text = 'All keys rest.', allowHosts = ['127.0.0.1']) {
  const guard = createGuard({ allowHosts })
  onTestFinished(async () => await guard.close())
  const log = createLog('trace', { write: (line: string) => void logged.push(line) })
  const title = 'No key may be used'
  const notice = {
    id: 'am_1',
    type: 'alert.fired',
    title,
    text,
    data: { rule: 'keys_resting' },
    nowMs,
  } as const
  return await sendTo({ guard, log }, receiver, { notice, signal: new AbortController().signal })
}

async function exchange(type: ReceiverType, how: 'taken' | 'refused' = 'taken') {
  const server: Receiver = await startReceiver(answer(...answers[type][how]))
  const receiver = receiverAt(server.url, type)
  const outcome: Outcome = await send(receiver)
  const [told] = server.told
  if (!told) throw new Error('nothing arrived')
  return { outcome, receiver, told, body: JSON.parse(told.body) as unknown }
}

const whole = 'No key may be used\nAll keys rest.'

describe('what is posted', () => {
  test('a Standard Webhook, which the published verifier takes', async () => {
    const { told, body, receiver } = await exchange('webhook')
    expect(new Webhook(receiver.secret ?? '').verify(told.body, headersOf(told))).toEqual(body)
    expect(body).toEqual({
      type: 'alert.fired',
      timestamp: new Date(nowMs).toISOString(),
      data: { rule: 'keys_resting', title: 'No key may be used', text: 'All keys rest.' },
    })
  })

  test('Slack: text whose markup is off', async () => {
    expect((await exchange('slack')).body).toEqual({ text: whole, mrkdwn: false, unfurl_links: false })
  })

  test('Discord: content that mentions nobody', async () => {
    expect((await exchange('discord')).body).toEqual({ content: whole, allowed_mentions: { parse: [] } })
  })

  test('Feishu: a text, signed with the time in seconds', async () => {
    const timestamp = String(Math.floor(nowMs / 1_000))
    const sign = createHmac('sha256', `${timestamp}\n${secret}`).update('').digest('base64')
    expect((await exchange('feishu')).body).toEqual({
      timestamp,
      sign,
      msg_type: 'text',
      content: { text: whole },
    })
  })

  test('DingTalk: a text, signed in the query with the time in milliseconds, beside the token', async () => {
    const { told, body } = await exchange('dingtalk')
    expect(body).toEqual({ msgtype: 'text', text: { content: whole } })
    const { searchParams } = new URL(told.path, 'http://dingtalk')
    expect(Object.fromEntries(searchParams)).toEqual({
      access_token: 'a-token-of-the-chat',
      timestamp: String(nowMs),
      sign: createHmac('sha256', secret).update(`${nowMs}\n${secret}`).digest('base64'),
    })
  })

  test('WeCom: a text of at most 2 048 bytes', async () => {
    expect((await exchange('wecom')).body).toEqual({ msgtype: 'text', text: { content: whole } })
    const server = await startReceiver(answer({ errcode: 0 }))
    await send(receiverAt(server.url, 'wecom'), '余额不足🧨'.repeat(400))
    const { text } = JSON.parse(server.told[0]?.body ?? '') as { text: { content: string } }
    expect(Buffer.byteLength(text.content)).toBeLessThanOrEqual(2_048)
    expect(text.content).toMatch(/^No key may be used\n余额不足🧨.*…$/u)
    expect(text.content).not.toContain('\uFFFD')
  })

  test('Telegram: to the bot’s own path, for the chat, without a parse mode', async () => {
    const { told, body } = await exchange('telegram')
    expect(told.path).toBe(`/bot${token}/sendMessage`)
    expect(body).toEqual({ chat_id: '-1001', text: whole, link_preview_options: { is_disabled: true } })
  })

  test('Bark: title and body, for the device', async () => {
    const { told, body } = await exchange('bark')
    expect(told.path).toBe('/push')
    expect(body).toEqual({
      device_key: deviceKey,
      title: 'No key may be used',
      body: 'All keys rest.',
      group: 'tollgate',
      level: 'timeSensitive',
    })
  })

  test.each([
    ['discord', 'content', 2_000],
    ['telegram', 'text', 4_096],
  ] as const)('%s takes no text longer than its maker allows, and gets none', async (type, field, max) => {
    const server = await startReceiver(answer(...answers[type].taken))
    await send(receiverAt(server.url, type), '🧨'.repeat(9_000))
    const text = (JSON.parse(server.told[0]?.body ?? '') as Record<string, string>)[field] ?? ''
    expect(text.length).toBeLessThanOrEqual(max)
    expect(text).toMatch(/🧨…$/u)
  })
})

describe.each(receiverTypes)('an answer of %s', (type) => {
  test('counts as taken as its maker means it', async () => {
    expect((await exchange(type)).outcome).toEqual({
      isTaken: true,
      status: answers[type].taken[1],
      error: null,
    })
  })

  test('counts as refused, also where HTTP says 200, and is shown without a secret', async () => {
    const { outcome } = await exchange(type, 'refused')
    expect(outcome).toMatchObject({ isTaken: false, status: answers[type].refused[1] })
    expect(outcome.error).toMatch(/^It answered HTTP \d+: /)
  })

  test('that repeats what it was asked shows no secret, and neither does the log', async () => {
    const server = await startReceiver(
      (response, { path, body }) =>
        void response.writeHead(500).end(`${path.slice(0, 90)} ${body.slice(0, 60)}`),
    )
    const { error } = await send(receiverAt(server.url, type))
    const secrets = [secret, token, deviceKey, 'a-token-of-the-chat']
    for (const each of secrets) expect(`${error} ${logged.join('\n')}`).not.toContain(each)
  })
})

test('a receiver in a private network is not reached unless the operator allows its host', async () => {
  const server = await startReceiver()
  const outcome = await send(receiverAt(server.url, 'slack'), 'x', [])
  expect(outcome).toMatchObject({ isTaken: false, status: null })
  expect(outcome.error).not.toContain('access_token')
  expect(server.told).toEqual([])
})

test('a redirect is not followed', async () => {
  const server = await startReceiver(
    (response) => void response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
  )
  expect(await send(receiverAt(server.url, 'slack'))).toMatchObject({ isTaken: false, status: 307 })
})

describe('the name of a customer', () => {
  const name =
    '<!channel> <at user_id="all"></at> <@U1> @everyone *bold* [a](http://b)\n# big\u202E &amp; `x`'
  const said = (type: ReceiverType) =>
    tell(
      { rule: 'customer_at_zero', kind: 'fired', facts: { account: 'acc_1', name, balance: 0 } },
      'en',
      showFor(type),
    ).text

  test.each(receiverTypes)('stays on one line for %s, without characters that turn the text', (type) => {
    expect(said(type)).not.toMatch(/[\n\u202E]/)
  })

  test('mentions nobody and links nowhere', () => {
    expect(said('slack')).not.toMatch(/<|>/)
    expect(said('slack')).toContain('&lt;!channel&gt;')
    expect(said('feishu')).not.toMatch(/[<>@]/)
    expect(said('dingtalk')).not.toMatch(/[<>@]/)
    expect(said('wecom')).not.toMatch(/[<>@]/)
    expect(said('telegram')).not.toContain('@')
    expect(said('discord')).not.toMatch(/[<@]|(?<!\\)[*[\]`#]/)
    expect(said('webhook')).toContain('<!channel>')
  })
})

function headersOf({ headers }: Told): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, String(value)]))
}
