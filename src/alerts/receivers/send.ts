// Sends one message to one receiver, through the guard, and says whether it was taken; its secrets are never shown.
import type { AlertReceiver } from '../../config/alerts.ts'
import type { Context } from '../../context.ts'
import { OutgoingError } from '../../net/error.ts'
import { isTakenBy, postFor } from './formats.ts'
import type { Notice } from './formats.ts'

const timeoutMs = 15_000
/** Of an answer, which is a line of JSON. */
const answerBytesMax = 64 * 1024

export interface Outcome {
  readonly isTaken: boolean
  /** HTTP status; null: there was no whole answer. */
  readonly status: number | null
  /** Why it was not taken, in words without a secret; null: it was. */
  readonly error: string | null
}

/** Never throws. */
export async function sendTo(
  { guard, log }: Pick<Context, 'guard' | 'log'>,
  receiver: AlertReceiver,
  { notice, signal }: { readonly notice: Notice; readonly signal: AbortSignal },
): Promise<Outcome> {
  if (receiver.missing !== null) {
    return { isTaken: false, status: null, error: `${receiver.missing} of this receiver gives nothing.` }
  }
  try {
    const { url, headers, body } = postFor(notice, receiver)
    const answer = await guard.fetch(url, {
      method: 'POST',
      headers,
      body,
      timeoutMs,
      maxBytes: answerBytesMax,
      signal,
    })
    const said = await wholeBody(answer.body)
    const isTaken = isTakenBy(receiver, answer.status, fieldsOf(said))
    return { isTaken, status: answer.status, error: isTaken ? null : refusal(receiver, answer.status, said) }
  } catch (error) {
    if (error instanceof OutgoingError) {
      return { isTaken: false, status: error.status, error: hidden(receiver, `${error.message}.`) }
    }
    // The error may hold the URL, which is a secret.
    if (!signal.aborted) log.error({ receiver: receiver.name }, 'a message of an alert could not be sent')
    return { isTaken: false, status: null, error: 'It could not be sent.' }
  }
}

async function wholeBody(body: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {}
  } catch {
    return {}
  }
}

const answerShownMax = 200

function refusal(receiver: AlertReceiver, status: number, said: string): string {
  const words = said.replace(/\s+/g, ' ').trim().slice(0, answerShownMax)
  return hidden(receiver, `It answered HTTP ${status}${words === '' ? '.' : `: ${words}`}`)
}

/** What the other side says may repeat what it was asked. */
function hidden({ url, secret, token, deviceKey }: AlertReceiver, words: string): string {
  const parts =
    url === null ? [] : [url, ...url.split(/[/?&=]/).filter((part) => part.length >= secretLengthMin)]
  const hosts = url === null ? [] : [new URL(url).host, new URL(url).hostname]
  const secrets = [secret, token, deviceKey, ...parts].filter(
    (each) => each !== null && !hosts.includes(each),
  )
  return secrets.reduce<string>(
    (shown, each) => (each === null ? shown : shown.replaceAll(each, '••••')),
    words,
  )
}

/** Shorter pieces of a URL are words such as `hook`. */
const secretLengthMin = 12
