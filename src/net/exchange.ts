// One request and its answer over a connection of their own; redirects are answers like others here.
import { Client } from 'undici'

import { version } from '../version.ts'
import { connectTo } from './connect.ts'
import type { Deadline } from './deadline.ts'
import { codeOf, OutgoingError } from './error.ts'
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
  /** As it came: never unpacked. */
  readonly body: AsyncIterable<Buffer>
  /** Lets go of the connection. */
  close(): void
}

/** More than any sensible answer has; undici's own limit is Node's, which an operator may have raised. */
const headersBytesMax = 16 * 1024

/**
 * A connection is never kept: the next request resolves and checks anew, and no customer's request waits behind
 * another's. Throws OutgoingError, or the reason of the deadline's signal.
 */
export async function exchange(
  target: Target,
  { method, headers, body }: Question,
  { deadline, resolve }: { readonly deadline: Deadline; readonly resolve: Resolve },
): Promise<Exchange> {
  const { signal } = deadline
  signal.throwIfAborted()
  const client = clientFor(target, resolve, signal)
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
    return { status: answer.statusCode, headers: answer.headers, body: answer.body, close: () => end() }
  } catch (error) {
    end()
    throw failureOf(error, target.host, signal)
  }
}

/** undici asks for a connection and gets one that is checked; what it would connect to is not listened to. */
function clientFor(target: Target, resolve: Resolve, signal: AbortSignal): Client {
  let isUsed = false
  const connection = async () => {
    if (isUsed) throw new OutgoingError('protocol', `${target.host} let the connection go`)
    isUsed = true
    return await connectTo(target, resolve, signal)
  }
  return new Client(target.url.origin, {
    connect: (_options, callback) => {
      connection().then(
        (socket) => callback(null, socket),
        (error: unknown) => callback(error as Error, null),
      )
    },
    allowH2: false,
    pipelining: 0,
    maxHeaderSize: headersBytesMax,
    // The deadline is exact and covers both; undici's own timers are coarse.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
}

/** What has failed, in our words. */
export function failureOf(error: unknown, host: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  if (error instanceof OutgoingError) return error
  return new OutgoingError('protocol', `${host} gave no whole HTTP answer: ${codeOf(error)}`)
}
