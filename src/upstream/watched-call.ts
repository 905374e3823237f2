// Follows one HTTP request, and tells what became of it as a value.
import { errors, type Dispatcher } from 'undici'
import type { CallResult, CutKind, Head } from './call.ts'

/** Far above any real answer of an API of small JSON objects; more is not read into memory. */
export const bodyBytesMax = 1024 * 1024

/** As received from the connection; the body may be compressed, although that was not requested. */
export type RawResult =
  | ({ readonly kind: 'answer'; readonly bytes: Buffer } & Head)
  | Exclude<CallResult, { kind: 'answer' }>

/** Decodes by the byte order mark; without one as UTF-8, like JSON. */
export function textOf(bytes: Uint8Array): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  return new TextDecoder().decode(bytes)
}

/** Event loop turns in which an arriving answer is still read after its deadline. */
const lateTurnsMax = 10

/** The part of undici's controller that is used. */
type Controller = Pick<Dispatcher.DispatchController, 'abort'>

/**
 * `onRequestStart` is called just before a request's first byte goes to a connected socket, TLS included. That,
 * rather than a list of error codes, tells which requests were certainly never sent.
 */
export class WatchedCall implements Dispatcher.DispatchHandler {
  readonly result: Promise<RawResult>
  private readonly settle: (result: RawResult) => void
  private settled = false
  private controller: Controller | null = null
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

  onRequestStart(controller: Controller): void {
    if (this.settled) {
      controller.abort(new Error('given up before a connection was there'))
    } else if (this.controller) {
      // undici requeues some requests when a socket closes; paid work must never be posted twice.
      controller.abort(new Error('the connection went, and the request would have been sent again'))
    } else {
      this.controller = controller
    }
  }

  onResponseStart(_controller: unknown, status: number, headers: Head['headers']): void {
    this.arrived += 1
    // 1xx responses only precede the answer.
    if (status >= 200) this.head = { status, headers }
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
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

  onResponseError(_controller: unknown, error: Error): void {
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
  const isOfParser = 'code' in error && String(error.code).startsWith('HPE_')
  return isOfParser || error instanceof errors.HeadersOverflowError || error instanceof errors.HTTPParserError
}

/** An AggregateError, of several addresses tried, has no message, only a code. */
function wordsOf(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return error.message ? `${code}: ${error.message}` : code
}
