// Asks hosts that the operator himself has configured, such as his object store: he may well have it in his own network.
import { Agent, request } from 'undici'
import type { Readable } from 'node:stream'
import { timeoutSignal } from './deadline.ts'
import type { AnswerHeaders } from './exchange.ts'

export interface TrustedRequest {
  readonly method: 'GET' | 'PUT' | 'DELETE'
  readonly headers: Readonly<Record<string, string>>
  /** With a `content-length` among the headers. */
  readonly body?: Readable
  /** For all of it, the answer's body included; without it only waits are bounded. */
  readonly timeoutMs?: number
  /** For the head of the answer, once no more of the body is taken; half a minute by default. */
  readonly waitMs?: number
  readonly signal?: AbortSignal
}

export interface TrustedAnswer {
  readonly status: number
  readonly headers: AnswerHeaders
  /** To be read or destroyed. */
  readonly body: Readable
}

/** Never for a URL that a customer or an upstream has named: those go through the guard. */
export interface TrustedHttp {
  /** Throws what the connection throws. Redirects are answers like others. */
  ask(url: string, question: TrustedRequest): Promise<TrustedAnswer>
  close(): Promise<void>
}

/** undici reads the sockets once before it counts. */
const connectTimeoutMs = 5_000
/**
 * For the head of an answer, and then for more of it. undici counts it in its own ticks, of which a pause of the whole
 * process is one, however long.
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
      const answer = await request(url, {
        dispatcher: agent,
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
