// The published form of each receiver: what is posted where, and which answers mean that it was taken.
import { createHmac } from 'node:crypto'
import type { AlertReceiver, ReceiverType } from '../../config/alerts.ts'
import { bodyOf } from '../../webhooks/events/body.ts'
import { signedHeaders } from '../../webhooks/signing/sign.ts'
import type { Told } from '../words.ts'

export interface Notice extends Told {
  readonly id: string
  readonly type: 'alert.fired' | 'alert.recovered' | 'alert.test'
  /** For programs: the rule, its subject, and what was measured. */
  readonly data: Readonly<Record<string, unknown>>
  readonly nowMs: number
}

export interface Post {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

interface Format {
  post(notice: Notice, receiver: AlertReceiver): Post
  /** Chats answer 200 and say in the body that they took nothing. */
  isTaken(status: number, answer: Readonly<Record<string, unknown>>): boolean
}

/** The limits of the chats themselves, a little below: in characters, or in bytes of UTF-8. */
const discordCharactersMax = 1_900
const telegramCharactersMax = 4_000
const wecomBytesMax = 2_000
const textCharactersMax = 8_000

const isOk = (status: number): boolean => status >= 200 && status < 300

const json = (url: string, body: unknown): Post => ({
  url,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
})

/** Of a server, to which a path is added. */
const withoutSlash = (url: string | null): string => (url?.endsWith('/') ? url.slice(0, -1) : (url ?? ''))

const whole = ({ title, text }: Told): string => (text === '' ? title : `${title}\n${text}`)

/** Never through the middle of a character of two units. */
const cutTo = (text: string, charactersMax: number): string =>
  text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 1).replace(/[\uD800-\uDBFF]$/, '')}…`

function cutToBytes(text: string, bytesMax: number): string {
  if (Buffer.byteLength(text) <= bytesMax) return text
  const characters = [...text]
  while (Buffer.byteLength(`${characters.join('')}…`) > bytesMax) characters.pop()
  return `${characters.join('')}…`
}

const base64Hmac = (key: string, message: string): string =>
  createHmac('sha256', key).update(message).digest('base64')

/** HMAC of nothing, with the time in seconds and the secret as its key: so Feishu has it. */
function feishuSignature(secret: string | null, nowMs: number) {
  if (secret === null) return {}
  const timestamp = String(Math.floor(nowMs / 1_000))
  return { timestamp, sign: base64Hmac(`${timestamp}\n${secret}`, '') }
}

/** HMAC of the time in milliseconds and the secret, in the query: so DingTalk has it. */
function dingtalkUrl(url: string, secret: string | null, nowMs: number): string {
  if (secret === null) return url
  const signed = new URL(url)
  signed.searchParams.set('timestamp', String(nowMs))
  signed.searchParams.set('sign', base64Hmac(secret, `${nowMs}\n${secret}`))
  return signed.href
}

const formats: Readonly<Record<ReceiverType, Format>> = {
  webhook: {
    post({ id, type, nowMs, title, text, data }, { url, secret }) {
      const body = bodyOf(type, nowMs, { ...data, title, text })
      const headers = signedHeaders({ id, nowMs, body }, [secret ?? ''])
      return { url: url ?? '', headers: { 'content-type': 'application/json', ...headers }, body }
    },
    isTaken: isOk,
  },
  slack: {
    post: (notice, { url }) =>
      json(url ?? '', { text: cutTo(whole(notice), textCharactersMax), mrkdwn: false, unfurl_links: false }),
    isTaken: isOk,
  },
  discord: {
    // Nobody is mentioned, whatever the text says.
    post: (notice, { url }) =>
      json(url ?? '', {
        content: cutTo(whole(notice), discordCharactersMax),
        allowed_mentions: { parse: [] },
      }),
    isTaken: isOk,
  },
  feishu: {
    post: (notice, { url, secret }) =>
      json(url ?? '', {
        ...feishuSignature(secret, notice.nowMs),
        msg_type: 'text',
        content: { text: cutTo(whole(notice), textCharactersMax) },
      }),
    isTaken: (status, { code, StatusCode }) => isOk(status) && (code ?? StatusCode) === 0,
  },
  dingtalk: {
    post: (notice, { url, secret }) =>
      json(dingtalkUrl(url ?? '', secret, notice.nowMs), {
        msgtype: 'text',
        text: { content: cutTo(whole(notice), textCharactersMax) },
      }),
    isTaken: (status, { errcode }) => isOk(status) && errcode === 0,
  },
  wecom: {
    post: (notice, { url }) =>
      json(url ?? '', { msgtype: 'text', text: { content: cutToBytes(whole(notice), wecomBytesMax) } }),
    isTaken: (status, { errcode }) => isOk(status) && errcode === 0,
  },
  telegram: {
    // Without a parse mode: the text is only text.
    post: (notice, { url, token, chatId }) =>
      json(`${withoutSlash(url)}/bot${token ?? ''}/sendMessage`, {
        chat_id: chatId,
        text: cutTo(whole(notice), telegramCharactersMax),
        link_preview_options: { is_disabled: true },
      }),
    isTaken: (status, { ok }) => isOk(status) && ok === true,
  },
  bark: {
    post: ({ title, text, type }, { url, deviceKey }) =>
      json(`${withoutSlash(url)}/push`, {
        device_key: deviceKey,
        title,
        body: cutTo(text === '' ? title : text, telegramCharactersMax),
        group: 'tollgate',
        level: type === 'alert.fired' ? 'timeSensitive' : 'active',
      }),
    isTaken: (status, { code }) => isOk(status) && code === 200,
  },
}

export const postFor = (notice: Notice, receiver: AlertReceiver): Post =>
  formats[receiver.type].post(notice, receiver)

export const isTakenBy = (
  { type }: AlertReceiver,
  status: number,
  answer: Readonly<Record<string, unknown>>,
): boolean => formats[type].isTaken(status, answer)
