// Performs one HTTP call and returns its outcome as a value; a network failure never throws.
import { Readable } from 'node:stream'
import { Agent, errors, type Dispatcher } from 'undici'
import { decodeBody } from './encoding.ts'

export interface Call {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** A stream goes with a `content-length`; it is destroyed when the call ends. */
  readonly body: string | Uint8Array | Readable | null
  /** For the whole call: connecting, sending, and the last byte of the answer. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export interface Head {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/**
 * `not_connected`: certainly no byte of the request was sent, whatever the cause. With every other kind, some
 * may have been. `head` is set if a status was already read; `unreadable` is an answer that is too long, or
 * not HTTP.
 */
export type CallResult =
  | ({ readonly kind: 'answer'; readonly body: string } & Head)
  | { readonly kind: 'not_connected'; readonly detail: string }
  | {
      readonly kind: CutKind
      readonly head: Head | null
      readonly detail: string
      /** The part of an uncompressed answer that had arrived, up to the general limit. */
      readonly begun?: string
    }

export type CutKind = 'broken' | 'timed_out' | 'aborted' | 'unreadable'

export interface Client {
  call(call: Call): Promise<CallResult>
  /** Waits for the calls under way, each within its own deadline. */
  close(): Promise<void>
}

/** Far above any real answer of an API of small JSON objects; more is not read into memory. */
const bodyBytesMax = 1024 * 1024
/**
 * Above any sensible number of concurrent calls: callers have limits of their own, this one only contains a
 * bug.
 */
const connectionsMax = 256

/**
 * If `reuse` is false every call has its own connection: on a reused one, which the other side may just be
 * closing, it would be unknown whether the request arrived.
 */
export function createClient(options: { reuse: boolean; connectTimeoutMs: number }): Client {
  const agent = new Agent({
    allowH2: false,
    pipelining: options.reuse ? 1 : 0,
    connections: connectionsMax,
    connectTimeout: options.connectTimeoutMs,
    // The call's own deadline is exact and covers both; undici's timers are coarse.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  return {
    call: (call) => perform(agent, call),
    close: () => agent.close(),
  }
}

async function perform(agent: Agent, call: Call): Promise<CallResult> {
  if (call.signal.aborted) {
    if (call.body instanceof Readable) call.body.destroy()
    return { kind: 'not_connected', detail: 'given up before it began' }
  }
  const { origin, pathname, search } = new URL(call.url)
  const { method, headers, body } = call
  const watched = new WatchedCall()
  const timer = setTimeout(
    () => watched.giveUpUnlessRead('timed_out', `no answer in ${call.timeoutMs} ms`),
    call.timeoutMs,
  )
  const onAbort = () => watched.giveUp('aborted', 'given up by us')
  call.signal.addEventListener('abort', onAbort, { once: true })
  const asked = { ...headers, 'accept-encoding': 'identity' }
  agent.dispatch({ origin, path: pathname + search, method, headers: asked, body }, watched)
  try {
    return await decoded(await watched.result)
  } finally {
    clearTimeout(timer)
    call.signal.removeEventListener('abort', onAbort)
    if (body instanceof Readable) body.destroy()
  }
}

/** As received from the connection; the body may be compressed, although that was not requested. */
export type RawResult =
  | ({ readonly kind: 'answer'; readonly bytes: Buffer } & Head)
  | Exclude<CallResult, { kind: 'answer' }>

async function decoded(result: RawResult): Promise<CallResult> {
  if (result.kind !== 'answer') return result
  const { status, headers, bytes } = result
  const body = await decodeBody(bytes, headers['content-encoding'], bodyBytesMax)
  if ('refusal' in body) return { kind: 'unreadable', head: { status, headers }, detail: body.refusal }
  return { kind: 'answer', status, headers, body: textOf(body.bytes) }
}

/** Decodes by the byte order mark; without one as UTF-8, like JSON. */
function textOf(bytes: Uint8Array): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  return new TextDecoder().decode(bytes)
}

/** Event loop turns in which an arriving answer is still read after its deadline. */
const lateTurnsMax = 10

/**
 * undici calls `onRequestStart` just before a request's first byte goes to a connected socket, TLS included.
 * That, rather than a list of error codes, tells which requests were certainly never sent.
 */
export class WatchedCall implements Dispatcher.DispatchHandler {
  readonly result: Promise<RawResult>
  private readonly settle: (result: RawResult) => void
  private settled = false
  private controller: Dispatcher.DispatchController | null = null
  private head: Head | null = null
  private readonly chunks: Buffer[] = []
  /** Number of heads and body chunks. */
  private arrived = 0
  private bytes = 0

  constructor() {
    const { promise, resolve } = Promise.withResolvers<RawResult>()
    this.result = promise
    this.settle = resolve
  }

  /**
   * After a pause of the whole process its timers run before its sockets are read, so the answer may already
   * be in the buffer: what has arrived is read first. A request that was never sent is given up at once.
   */
  giveUpUnlessRead(kind: CutKind, detail: string, turnsLeft = lateTurnsMax): void {
    if (!this.controller) return this.giveUp(kind, detail)
    const arrivedBefore = this.arrived
    setImmediate(() => {
      if (this.settled) return
      if (this.arrived > arrivedBefore && turnsLeft > 1) this.giveUpUnlessRead(kind, detail, turnsLeft - 1)
      else this.giveUp(kind, detail)
    })
  }

  giveUp(kind: CutKind, detail: string): void {
    this.end(kind, detail)
    this.controller?.abort(new Error(detail))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.settled) {
      controller.abort(new Error('given up before a connection was there'))
    } else if (this.controller) {
      // undici requeues some requests when a socket closes; paid work must never be posted twice.
      controller.abort(new Error('the connection went, and the request would have been sent again'))
    } else {
      this.controller = controller
    }
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Head['headers'],
  ): void {
    this.arrived += 1
    // 1xx responses only precede the answer.
    if (status >= 200) this.head = { status, headers }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.arrived += 1
    if (this.settled) return
    this.chunks.push(chunk.subarray(0, bodyBytesMax - this.bytes))
    this.bytes += chunk.length
    if (this.bytes > bodyBytesMax) this.giveUp('unreadable', `the answer has more than ${bodyBytesMax} bytes`)
  }

  onResponseEnd(): void {
    if (!this.head || this.settled) return
    this.settled = true
    this.settle({ kind: 'answer', ...this.head, bytes: Buffer.concat(this.chunks) })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.end(isUnreadable(error) ? 'unreadable' : 'broken', wordsOf(error))
  }

  private end(kind: CutKind, detail: string): void {
    if (this.settled) return
    this.settled = true
    if (!this.controller) return this.settle({ kind: 'not_connected', detail })
    const begun = this.begun()
    this.settle({ kind, head: this.head, detail, ...(begun !== '' && { begun }) })
  }

  private begun(): string {
    if (!this.head || !isPlain(this.head.headers['content-encoding'])) return ''
    return textOf(Buffer.concat(this.chunks))
  }
}

const isPlain = (encoding: string | string[] | undefined): boolean =>
  [encoding ?? []].flat().every((coding) => ['', 'identity'].includes(coding.trim().toLowerCase()))

function isUnreadable(error: Error): boolean {
  return error instanceof errors.HeadersOverflowError || error instanceof errors.HTTPParserError
}

/** An AggregateError, of several addresses tried, has no message, only a code. */
function wordsOf(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return error.message ? `${code}: ${error.message}` : code
}
