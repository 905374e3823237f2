// Sends one signed POST to a receiver, and describes its answer in words for the customer.
import type { Context } from '../context.ts'
import { OutgoingError } from '../net/error.ts'
import type { OutgoingErrorKind } from '../net/error.ts'
import { readRetryAfter } from './schedule.ts'
import { signedHeaders } from './signing/sign.ts'

export interface Answer {
  /** HTTP status; null if there was none. */
  readonly status: number | null
  /** In words for the customer, if the answer was not complete. */
  readonly words: string | null
  readonly retryAfterMs: number | null
}

/** Only the status of an answer matters, so a small body is enough. */
const answerBytesMax = 64 * 1024

export interface Message {
  /** `webhook-id` */
  readonly id: string
  readonly url: string
  readonly body: string
  /** It is signed with each of them. */
  readonly secrets: readonly string[]
}

/** Never throws; an abort counts as an incomplete answer. */
export async function send(
  ctx: Context,
  { id, url, body, secrets }: Message,
  signal: AbortSignal,
): Promise<Answer> {
  const nowMs = ctx.clock.now()
  try {
    const answer = await ctx.guard.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signedHeaders({ id, nowMs, body }, secrets) },
      body,
      timeoutMs: ctx.config.webhooks.timeoutMs,
      maxBytes: answerBytesMax,
      signal,
      // With the same id: receivers have to handle repeats anyway.
      mayArriveTwice: true,
    })
    answer.finish()
    const retryAfterMs = readRetryAfter(answer.headers['retry-after'], nowMs)
    return { status: answer.status, words: null, retryAfterMs }
  } catch (error) {
    if (!(error instanceof OutgoingError)) {
      if (!signal.aborted) ctx.log.error({ delivery: id, err: error }, 'a webhook could not be sent')
      return { status: null, words: 'It could not be sent.', retryAfterMs: null }
    }
    ctx.log.info({ delivery: id, kind: error.kind, detail: error.message }, 'a receiver gave no whole answer')
    return { status: error.status, words: wordsFor[error.kind], retryAfterMs: null }
  }
}

/**
 * The guard's own words are for the operator. Different words for a name with a private address and for an
 * unknown name would tell customers which names the operator's DNS knows.
 */
const noConnection = 'The host has no public address, or takes no connection there.'
const wordsFor: Readonly<Record<OutgoingErrorKind, string>> = {
  refused_address: noConnection,
  connect: noConnection,
  tls: 'No connection by TLS: look at the certificate.',
  redirect: 'It redirects, which is not followed. Name the URL that it leads to.',
  timeout: 'No answer in time.',
  too_large: 'The answer is too long.',
  protocol: 'What came back was no whole HTTP answer.',
}

export const isTaken = (status: number | null): boolean => status !== null && status >= 200 && status < 300
