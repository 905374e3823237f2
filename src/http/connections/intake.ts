// Gives a connection's parser what has come, in slices: Node would make objects of all that one read of the socket holds.
import { aheadBytes } from './connection.ts'
import type { Connection } from './connection.ts'
import type { Task } from './turns.ts'

/** The shortest requests are 18 bytes, the shortest chunks 6: at most 56 or 170 objects come of a slice. */
const sliceBytes = 1_024
/** Within a body whose last slice came in one piece; the next slice is short again where this one did not. */
const bodySliceBytes = 32 * 1_024
/** Of one connection in one turn, where it makes few objects: a long body is read fast enough so. */
const stepBytesMax = 64 * 1_024
const fewUnits = 16
/** What a request takes in units, and a slice or a piece of a body in another one. */
export const requestUnits = 16
/** Requests that are read while one is answered; a client that waits for a task is seen to go so. */
const queuedMax = 16
/** And their bytes, with those of one that has come by half: a few requests of the usual size. */
const queuedBytesMax = 4 * 1_024

/** For `clientError`: the connection is told, and ended. */
export class TooManyPieces extends Error {
  readonly code = 'TOO_MANY_PIECES'
}

export interface IntakeOptions {
  /** Of Node's HTTP server; returns how many bytes it took. */
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

  /** Begins the next request that was read ahead, or reads a little more; after a refusal, only to drop it. */
  step(): number {
    const { socket, queued, isRefused } = this.#connection
    if (this.#mayBegin()) {
      queued.shift()?.begin()
      return requestUnits
    }
    if (isRefused) {
      // What still comes is read, so that no reset keeps the client from its answer.
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

  /** To be called when something has come, or the end. */
  noticeEnd(): void {
    const { socket } = this.#connection
    if (socket.readableLength === 0) socket.read()
  }

  /** After a refusal, or the last answer of a connection, nothing is begun whose own answer could not be sent. */
  #mayBegin(): boolean {
    const { socket, answering, queued } = this.#connection
    return answering === null && queued.length > 0 && socket.writable
  }

  /** Whether the parser is given more: not while what it would make of that had to lie here. */
  #mayFeed(): boolean {
    const { socket, queued, receiving, answering, isRefused } = this.#connection
    if (socket.destroyed || socket.readableLength === 0 || isRefused) return false
    if (queued.length >= queuedMax) return false
    // The body of the request that is being answered is wanted, whatever its size.
    if (answering?.complete === true && aheadBytes(this.#connection) >= queuedBytesMax) return false
    // Node has told its parser to pause, until what is to be sent has been taken.
    if (Reflect.get(socket, '_paused') === true) return false
    const request = receiving?.request
    if (!request || request.complete) return true
    return request.readableLength < request.readableHighWaterMark
  }

  /** Gives the parser slices, as long as they make few objects. */
  #feed(): number {
    const { socket } = this.#connection
    let [units, bytes] = [0, 0]
    while (units <= fewUnits && bytes < stepBytesMax && this.#mayFeed()) {
      const slice = socket.read(Math.min(this.#sliceBytes, socket.readableLength)) as Buffer | null
      if (slice === null) break
      bytes += slice.length
      const ofSlice = this.#give(slice)
      // A slice that brought two pieces at most of a body that goes on.
      this.#sliceBytes = this.#connection.receiving && ofSlice <= 3 ? bodySliceBytes : sliceBytes
      units += ofSlice
    }
    this.noticeEnd()
    return Math.max(1, units)
  }

  /** Returns the units of work that came of the slice. */
  #give(slice: Buffer): number {
    this.#connection.units = 1
    this.#parse(slice)
    return this.#connection.units + this.#gather()
  }

  #parse(slice: Buffer): void {
    const connection = this.#connection
    const { socket } = connection
    // The listener for requests reads this while the slice is being parsed.
    connection.parsedBytes += slice.length
    const taken = this.#options.parse(slice)
    connection.parsedBytes -= slice.length - taken
    if (connection.answering?.complete !== true) connection.begunBytes = connection.parsedBytes
    // Behind a request that asks for an upgrade, which is passed over, other requests may have come with it.
    if (taken < slice.length && !socket.destroyed) socket.unshift(slice.subarray(taken))
  }

  /** Hands on what the slice brought of a body; returns in how many pieces it had come. */
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
