// Feeds a connection's data to its parser in slices: a whole socket read could create too many objects.
import { aheadBytes } from './connection.ts'
import type { Connection } from './connection.ts'
import type { Task } from './turns.ts'

/** The shortest requests have 18 bytes, the shortest chunks 6: a slice creates at most 56 or 170 objects. */
const sliceBytes = 1_024
/** Inside a body whose last slice came in few pieces; otherwise the next slice is short again. */
const bodySliceBytes = 32 * 1_024
/** Per connection and turn, if few objects are created: enough to read a long body fast. */
const stepBytesMax = 64 * 1_024
const fewUnits = 16
/** The units of work of one request; a slice, or a piece of a body, counts 1. */
export const requestUnits = 16
/** Requests read ahead while one is answered; reading on also detects that a waiting client disconnects. */
const queuedMax = 16
/** Bytes read ahead, including an incomplete request: a few requests of the usual size. */
const queuedBytesMax = 4 * 1_024

/** Passed to `clientError`: the client gets a refusal and the connection is ended. */
export class TooManyPieces extends Error {
  readonly code = 'TOO_MANY_PIECES'
}

export interface IntakeOptions {
  /** The parse function of Node's HTTP server; returns how many bytes it consumed. */
  readonly parse: (slice: Buffer) => number
  readonly refuse: (error: TooManyPieces) => void
}

export class Intake implements Task {
  readonly #connection: Connection
  readonly #options: IntakeOptions
  #sliceBytes = sliceBytes

  constructor(connection: Connection, options: IntakeOptions) {
    this.#connection = connection
    this.#options = options
  }

  /** Starts the next queued request, or parses a little more; after a refusal, only drops data. */
  step(): number {
    const { socket, queued, isRefused } = this.#connection
    if (this.#mayBegin()) {
      queued.shift()?.begin()
      return requestUnits
    }
    if (isRefused) {
      // Reads the remaining data, so that no reset keeps the client from getting its answer.
      socket.read()
      return 1
    }
    return this.#feed()
  }

  hasMore(): boolean {
    const { socket, isRefused } = this.#connection
    if (socket.destroyed) return false
    return this.#mayBegin() || (isRefused ? socket.readableLength > 0 : this.#mayFeed())
  }

  /** Call it when data or the end of the stream has arrived. */
  noticeEnd(): void {
    const { socket } = this.#connection
    if (socket.readableLength === 0) socket.read()
  }

  /** After a refusal or the connection's last answer, no request is started: its answer could not be sent. */
  #mayBegin(): boolean {
    const { socket, answering, queued } = this.#connection
    return answering === null && queued.length > 0 && socket.writable
  }

  /** Whether to parse more: not if the result would only pile up here. */
  #mayFeed(): boolean {
    const { socket, queued, receiving, answering, isRefused } = this.#connection
    if (socket.destroyed || socket.readableLength === 0 || isRefused) return false
    if (queued.length >= queuedMax) return false
    // The body of the request being answered is always read, whatever its size.
    if (answering?.complete === true && aheadBytes(this.#connection) >= queuedBytesMax) return false
    // Node has paused its parser until pending output has been sent.
    if (Reflect.get(socket, '_paused') === true) return false
    const request = receiving?.request
    if (!request || request.complete) return true
    return request.readableLength < request.readableHighWaterMark
  }

  /** Feeds slices to the parser, as long as they create few objects. */
  #feed(): number {
    const { socket } = this.#connection
    let [units, bytes] = [0, 0]
    while (units <= fewUnits && bytes < stepBytesMax && this.#mayFeed()) {
      const slice = socket.read(Math.min(this.#sliceBytes, socket.readableLength)) as Buffer | null
      if (slice === null) break
      bytes += slice.length
      const ofSlice = this.#give(slice)
      // True for a slice that brought at most two pieces of a body that goes on.
      this.#sliceBytes = this.#connection.receiving && ofSlice <= 3 ? bodySliceBytes : sliceBytes
      units += ofSlice
    }
    this.noticeEnd()
    return Math.max(1, units)
  }

  /** Returns the units of work caused by the slice. */
  #give(slice: Buffer): number {
    this.#connection.units = 1
    this.#parse(slice)
    return this.#connection.units + this.#gather()
  }

  #parse(slice: Buffer): void {
    const connection = this.#connection
    const { socket } = connection
    // The request listener reads this while the slice is being parsed.
    connection.parsedBytes += slice.length
    const taken = this.#options.parse(slice)
    connection.parsedBytes -= slice.length - taken
    if (connection.answering?.complete !== true) connection.begunBytes = connection.parsedBytes
    // After an upgrade request, whose upgrade is ignored, more requests may follow in the same slice.
    if (taken < slice.length && !socket.destroyed) socket.unshift(slice.subarray(taken))
  }

  /** Passes on what the slice contained of a body; returns the number of pieces. */
  #gather(): number {
    const { receiving } = this.#connection
    if (!receiving) return 0
    const pieces = receiving.pieces?.taken() ?? 0
    receiving.pieces?.flush()
    if (receiving.request.complete) this.#connection.receiving = null
    else if (receiving.pieces?.areTooSmall() === true) {
      this.#options.refuse(new TooManyPieces('a body in too many pieces'))
    }
    return pieces
  }
}
