// Fetches an untrusted URL: checked at every hop, limited in time and bytes, never decompressed.
import { type DeadlineOptions, startDeadline, type Deadline } from './deadline.ts'
import { OutgoingError } from './error.ts'
import { type AnswerHeaders, exchange, type Exchange, failureOf, type Question } from './exchange.ts'
import type { KeptConnections } from './kept.ts'
import type { Resolve } from './resolve.ts'
import type { Target, UrlReader } from './url.ts'

export interface FetchOptions extends DeadlineOptions, Partial<Question> {
  /** Limit of the answer's body; a longer one fails as `too_large`. */
  readonly maxBytes: number
  /** Redirects that GET and HEAD follow, each checked like the first URL; 0, the default, follows none. */
  readonly maxRedirects?: number
  /**
   * Origins that may be private, at any hop: the base URL of the upstream that named the URL. Scheme, host
   * and port must match. Never for URLs from customers.
   */
  readonly origins?: readonly string[]
  /** May reuse an open connection; only for requests that may arrive twice. */
  readonly mayArriveTwice?: true
}

export interface GuardedAnswer {
  /** Any status that is not a redirect. */
  readonly status: number
  readonly headers: AnswerHeaders
  /** The final URL, after redirects. */
  readonly url: string
  /**
   * Read it once, or call `close`; otherwise the connection stays open until the deadline. Reading throws
   * OutgoingError, or the reason of the caller's signal. The bytes are as received: identity was requested,
   * and a caller that stores them must check `content-encoding`.
   */
  readonly body: AsyncIterable<Buffer>
  close(): void
  /** Call it instead of reading the body: the connection is reused if possible. */
  finish(): void
}

export interface Outgoing {
  readonly read: UrlReader
  readonly resolve: Resolve
  readonly kept: KeptConnections
}

/** Throws OutgoingError, or the reason of the caller's signal. */
export async function fetchGuarded(
  outgoing: Outgoing,
  url: string,
  options: FetchOptions,
): Promise<GuardedAnswer> {
  const question = questionOf(options)
  const deadline = startDeadline(options)
  try {
    const { target, answer } = await follow(outgoing, url, { ...options, question, deadline })
    const close = () => {
      answer.close()
      deadline.end()
    }
    const { status, headers } = answer
    const { maxBytes } = options
    if (question.method !== 'HEAD' && Number(headers['content-length']) > maxBytes) {
      close()
      throw tooLarge(target, maxBytes, status)
    }
    const body = capped(answer, { target, maxBytes, deadline, close })
    const finish = () => {
      answer.finish()
      deadline.end()
    }
    return { status, headers, url: target.url.href, body, close, finish }
  } catch (error) {
    deadline.end()
    throw error
  }
}

function questionOf({ method = 'GET', headers = {}, body = null, maxRedirects = 0 }: FetchOptions): Question {
  if (maxRedirects > 0 && method === 'POST') throw new TypeError('only GET and HEAD follow redirects')
  const ours = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  if (ours.some(([name]) => name === 'host')) throw new TypeError('the host header comes from the URL')
  return { method, headers: Object.fromEntries(ours), body }
}

interface Following extends Pick<FetchOptions, 'maxRedirects' | 'origins' | 'mayArriveTwice'> {
  readonly question: Question
  readonly deadline: Deadline
}

async function follow(
  outgoing: Outgoing,
  url: string,
  { question, deadline, maxRedirects = 0, origins, mayArriveTwice }: Following,
): Promise<{ target: Target; answer: Exchange }> {
  let target = targetOf(outgoing, url, origins)
  let { headers } = question
  const means = { deadline, resolve: outgoing.resolve, kept: mayArriveTwice ? outgoing.kept : null }
  for (let left = maxRedirects; ; left -= 1) {
    const answer = await exchange(target, { ...question, headers }, means)
    if (!redirects.has(answer.status)) return { target, answer }
    answer.close()
    if (left <= 0) throw redirectError(target, answer, 'which is not followed')
    const next = targetOf(outgoing, locationOf(target, answer), origins)
    if (next.url.origin !== target.url.origin) headers = forAnybody(headers)
    target = next
  }
}

function targetOf({ read }: Outgoing, url: string, origins: FetchOptions['origins']): Target {
  const reading = read(url, origins)
  if ('refusal' in reading) throw new OutgoingError('refused_address', `Refused: ${reading.refusal.en}`)
  return reading.target
}

const redirects = new Set([301, 302, 303, 307, 308])

function locationOf(target: Target, answer: Exchange): string {
  const { location: written } = answer.headers
  // Node decodes headers as latin1; servers with non-ASCII locations mean UTF-8.
  const location = typeof written === 'string' ? Buffer.from(written, 'latin1').toString() : null
  if (location === null || !URL.canParse(location, target.url.href)) {
    throw redirectError(target, answer, 'without saying where to')
  }
  const next = new URL(location, target.url)
  if (target.url.protocol === 'https:' && next.protocol === 'http:') {
    throw redirectError(target, answer, 'from https to http, which is not followed')
  }
  return next.href
}

function redirectError({ host }: Target, { status }: Exchange, words: string): OutgoingError {
  return new OutgoingError('redirect', `${host} redirects (HTTP ${status}), ${words}`, status)
}

/**
 * Other headers may be meant for the first host only, so they are dropped on a redirect to another origin.
 */
const harmlessHeaders = ['accept', 'range', 'user-agent']

function forAnybody(headers: Question['headers']): Question['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => harmlessHeaders.includes(name)))
}

interface Bounds {
  readonly target: Target
  readonly maxBytes: number
  readonly deadline: Deadline
  close(): void
}

async function* capped(
  { status, body }: Exchange,
  { target, maxBytes, deadline, close }: Bounds,
): AsyncGenerator<Buffer, void> {
  const chunks = body[Symbol.asyncIterator]()
  let bytes = 0
  try {
    for (;;) {
      const chunk = await deadline.waiting(chunks.next())
      if (chunk.done) return
      bytes += chunk.value.length
      if (bytes > maxBytes) throw tooLarge(target, maxBytes, status)
      yield chunk.value
    }
  } catch (error) {
    throw failureOf(error, target.host, deadline.signal)
  } finally {
    close()
  }
}

function tooLarge({ host }: Target, maxBytes: number, status: number): OutgoingError {
  return new OutgoingError('too_large', `${host} answered with more than ${maxBytes} bytes`, status)
}
