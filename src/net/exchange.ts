// One request and its answer over a checked connection; redirects are ordinary answers here.
import { Client } from 'undici'

import { version } from '../version.ts'
import { connectTo } from './connect.ts'
import type { Deadline } from './deadline.ts'
import { codeOf, OutgoingError } from './error.ts'
import { idleTimeoutMs } from './kept.ts'
import type { Kept, KeptConnections } from './kept.ts'
import type { Resolve } from './resolve.ts'
import type { Target } from './url.ts'

export interface Question {
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | null
}

export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>

export interface Exchange {
  readonly status: number
  readonly headers: AnswerHeaders
  /** The raw body, never decompressed. */
  readonly body: AsyncIterable<Buffer>
  /** Closes the connection. */
  close(): void
  /** Discards the rest of the body, within limits, so that the connection can be reused. */
  finish(): void
}

export interface Means {
  readonly deadline: Deadline
  readonly resolve: Resolve
  /**
   * The pool of reusable connections; null: a new connection each time. If a reused connection closes before
   * any answer, the request is sent again over a new one: so only for requests that may arrive twice.
   */
  readonly kept: KeptConnections | null
}

/** More than any sensible answer needs; undici's default is Node's limit, which may have been raised. */
const headersBytesMax = 16 * 1024

/**
 * A new connection resolves and checks again; a reused one still leads to the address that was checked when
 * it was opened. Throws OutgoingError, or the reason of the deadline's signal.
 */
export async function exchange(target: Target, question: Question, means: Means): Promise<Exchange> {
  const { deadline, kept } = means
  deadline.signal.throwIfAborted()
  const known = kept?.take(target.url.origin) ?? null
  if (known) {
    const answer = await ask(target, question, { ...means, connection: known }).catch((error: unknown) => {
      if (error instanceof LetGo) return null
      throw error
    })
    if (answer) return answer
  }
  const connection = { client: clientFor(target, means), openedAt: performance.now() }
  return await ask(target, question, { ...means, connection })
}

interface ConnectedMeans extends Means {
  readonly connection: Kept
}

async function ask(
  target: Target,
  { method, headers, body }: Question,
  { deadline, kept, connection }: ConnectedMeans,
): Promise<Exchange> {
  const { signal } = deadline
  const { client } = connection
  const end = (reason?: Error) => {
    signal.removeEventListener('abort', onAbort)
    void client.destroy(reason ?? null)
  }
  const onAbort = () => end(signal.reason as Error)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const answer = await deadline.waiting(
      client.request({
        method,
        path: target.url.pathname + target.url.search,
        headers: { 'user-agent': `tollgate/${version}`, ...headers, 'accept-encoding': 'identity' },
        body,
      }),
    )
    const finish = () => {
      if (!kept) return end()
      signal.removeEventListener('abort', onAbort)
      void keepAfter(answer.body, connection, () => kept.give(target.url.origin, connection))
    }
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: answer.body,
      close: () => end(),
      finish,
    }
  } catch (error) {
    end()
    throw failureOf(error, target.host, signal)
  }
}

/** A receiver's body is mostly empty, and arrives together with its status. */
const leftBytesMax = 64 * 1024
const leftMaxMs = 1_000

async function keepAfter(body: AsyncIterable<Buffer>, { client }: Kept, keep: () => void): Promise<void> {
  const late = setTimeout(() => void client.destroy(), leftMaxMs).unref()
  let bytes = 0
  try {
    for await (const chunk of body) {
      bytes += chunk.length
      if (bytes > leftBytesMax) throw new RangeError('too much is left')
    }
    keep()
  } catch {
    void client.destroy()
  } finally {
    clearTimeout(late)
  }
}

/** The connection closed before any answer, for example because a reused one had been idle for too long. */
class LetGo extends OutgoingError {
  constructor(host: string) {
    super('protocol', `${host} let the connection go`)
  }
}

/** undici asks for a connection and gets a checked one; its own choice of address is ignored. */
function clientFor(target: Target, { resolve, deadline, kept }: Means): Client {
  let isUsed = false
  const connection = async () => {
    if (isUsed) throw new LetGo(target.host)
    isUsed = true
    return await connectTo(target, resolve, deadline.signal)
  }
  return new Client(target.url.origin, {
    connect: (_options, callback) => {
      connection().then(
        (socket) => callback(null, socket),
        (error: unknown) => callback(error as Error, null),
      )
    },
    allowH2: false,
    pipelining: kept ? 1 : 0,
    keepAliveTimeout: idleTimeoutMs,
    keepAliveMaxTimeout: idleTimeoutMs,
    maxHeaderSize: headersBytesMax,
    // The deadline is exact and covers both; undici's own timers are coarse.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
}

/** Error codes of undici and Node for a connection closed by the peer. */
const closedCodes = ['UND_ERR_SOCKET', 'UND_ERR_DESTROYED', 'UND_ERR_CLOSED', 'ECONNRESET', 'EPIPE']

/** Converts an error to an OutgoingError, or to the signal's reason. */
export function failureOf(error: unknown, host: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  if (error instanceof OutgoingError) return error
  if (closedCodes.includes(codeOf(error))) return new LetGo(host)
  return new OutgoingError('protocol', `${host} gave no whole HTTP answer: ${codeOf(error)}`)
}
