// HTTP to hosts that the operator configured, such as an object store, which may be in a private network.
import { Agent } from 'undici'
import type { Readable } from 'node:stream'
import { timeoutSignal } from './deadline.ts'
import type { AnswerHeaders } from './exchange.ts'

export interface TrustedRequest {
  readonly method: 'GET' | 'PUT' | 'DELETE'
  readonly headers: Readonly<Record<string, string>>
  /** Requires a `content-length` header. */
  readonly body?: Readable
  /** For the whole request, including the answer's body; without it only waits are limited. */
  readonly timeoutMs?: number
  /** For the answer's headers, once no more of the request body is taken; half a minute by default. */
  readonly waitMs?: number
  readonly signal?: AbortSignal
}

export interface TrustedAnswer {
  readonly status: number
  readonly headers: AnswerHeaders
  /** The caller must read or destroy it. */
  readonly body: Readable
}

/** Never for URLs from customers or upstreams: those go through the guard. */
export interface TrustedHttp {
  /** Throws connection errors. Redirects are not followed. */
  ask(url: string, question: TrustedRequest): Promise<TrustedAnswer>
  close(): Promise<void>
}

/** undici reads the sockets once before this expires. */
const connectTimeoutMs = 5_000
/**
 * For the headers of an answer, and then for more data. undici counts in ticks of its own; a suspension of
 * the process counts as one tick, however long.
 */
const waitMs = 30_000
const connectionsMax = 64

export function createTrustedHttp(): TrustedHttp {
  const agent = new Agent({
    allowH2: false,
    connections: connectionsMax,
    connectTimeout: connectTimeoutMs,
    headersTimeout: waitMs,
    bodyTimeout: waitMs,
  })
  return {
    async ask(url, { method, headers, body, timeoutMs, waitMs: headMs = waitMs, signal }) {
      const signals = [signal, timeoutMs === undefined ? undefined : timeoutSignal(timeoutMs)]
      const bounds = signals.filter((each) => each !== undefined)
      const { origin, pathname, search } = new URL(url)
      const answer = await agent.request({
        origin,
        path: `${pathname}${search}`,
        method,
        headers: { ...headers },
        body: body ?? null,
        headersTimeout: headMs,
        signal: AbortSignal.any(bounds),
      })
      return { status: answer.statusCode, headers: answer.headers, body: answer.body }
    },
    close: () => agent.destroy(),
  }
}
