// All connections of clients: bounded below the limit of descriptors, cut off when they stand still.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Context } from '../../context.ts'
import type { ConnectionBounds } from './bounds.ts'
import { check, holderName, newConnection, rankOf } from './connection.ts'
import type { Connection, Holder } from './connection.ts'
import { boundPieces, comesInPieces, TooManyPieces } from './pieces.ts'

/** Room is made for this part of all at once, so that making room costs little for each newcomer. */
const roomPart = 64
/** That many of the addresses that hold most are looked at for a connection to close. */
const greediestMax = 8
/** A search for room that found none is not repeated for each newcomer. */
const searchPauseMs = 50
/** What was dropped is logged once in this time, however much it was. */
const reportEveryMs = 10_000
/** Pipelined requests that wait. Clients that pipeline at all send a dozen; one read of a socket holds two thousand. */
const queuedMax = 128
/** Pipelined requests that begin in one turn of the event loop, of all connections together. */
const begunPerTurnMax = 16

/** `refused`: no room. `room`: closed to make room. `stalled`: took nothing of an answer. `ended`: after its last answer. `flood`: too many requests at once. `pieces`: a body in too many pieces. */
type Reason = 'refused' | 'room' | 'stalled' | 'ended' | 'flood' | 'pieces'

export class Connections {
  readonly #bounds: ConnectionBounds
  readonly #ctx: Pick<Context, 'log' | 'metrics'>
  readonly #all = new Set<Connection>()
  readonly #bySocket = new WeakMap<Socket, Connection>()
  readonly #holders = new Map<string, Holder>()
  readonly #dropped = new Map<Reason, number>()
  /** Connections whose next pipelined request may begin. */
  readonly #waiting = new Set<Connection>()
  #isTurnPlanned = false
  #held = 0
  #reportedAt = -Infinity
  #searchedAt = -Infinity

  constructor(bounds: ConnectionBounds, ctx: Pick<Context, 'log' | 'metrics'>) {
    this.#bounds = bounds
    this.#ctx = ctx
    ctx.metrics.gauge('connections', 'Connections of clients that are open.', async (gauge) => {
      gauge.set(this.#all.size)
    })
    ctx.metrics.gauge(
      'client_descriptors',
      'Connections of clients, and files that are being sent to them.',
      async (gauge) => gauge.set(this.#held),
    )
    ctx.metrics.gauge(
      'client_descriptors_max',
      'How many of those there may be, by the limit of open files (ulimit -n).',
      async (gauge) => gauge.set(bounds.descriptorsMax),
    )
  }

  /** Looks at all connections from time to time; the function ends that. */
  start(): () => void {
    const timer = setInterval(() => this.#checkAll(), this.#bounds.checkEveryMs)
    timer.unref()
    return () => clearInterval(timer)
  }

  accept(socket: Socket): void {
    const name = holderName(socket)
    const holder = this.#holders.get(name) ?? { name, connections: new Set(), held: 0 }
    if (!this.#hasRoomFor(holder)) {
      socket.destroy()
      this.#count('refused')
      return
    }
    const connection = newConnection(socket, holder)
    this.#holders.set(name, holder)
    holder.connections.add(connection)
    this.#all.add(connection)
    this.#bySocket.set(socket, connection)
    this.#hold(holder, 1)
    socket.once('close', () => this.#forget(connection))
  }

  /**
   * Takes a descriptor for a file that is sent over this connection; the function gives it back, once. Null where
   * there is no room.
   */
  openFile(socket: Socket): (() => void) | null {
    const connection = this.#bySocket.get(socket)
    // Requests from within have no connection.
    if (!connection) return () => undefined
    const { holder } = connection
    if (!this.#hasRoomFor(holder)) return null
    connection.files += 1
    this.#hold(holder, 1)
    let isOpen = true
    return () => {
      if (!isOpen || connection.files === 0) return
      isOpen = false
      connection.files -= 1
      this.#hold(holder, -1)
    }
  }

  /**
   * The listener for requests. The first of a connection begins at once; those that were pipelined behind it wait
   * until it is their turn, so many of one connection at a time, and the connections in turn. `refuse` answers a
   * request whose body cannot be read on.
   */
  listener(next: RequestListener, refuse: (error: Error, socket: Socket) => void): RequestListener {
    return (request, response) => {
      const { socket } = request
      // Node has parsed what had arrived before the connection was dropped.
      if (socket.destroyed) return
      const connection = this.#bySocket.get(socket)
      if (!connection) return next(request, response)
      if (comesInPieces(request)) {
        boundPieces(request, () => {
          this.#count('pieces')
          socket.pause()
          refuse(new TooManyPieces('a body in too many pieces'), socket)
        })
      }
      const begin = () => this.#begin(connection, request, response, next)
      if (connection.open.size === 0 && connection.queued.length === 0) return begin()
      if (connection.queued.length >= queuedMax) return this.#drop(connection, 'flood')
      connection.queued.push(begin)
      connection.isPaused = true
      socket.pause()
      this.#queue(connection)
    }
  }

  /** In a later turn: what one connection has pipelined holds up no other. */
  #queue(connection: Connection): void {
    if (connection.queued.length === 0 || connection.open.size >= this.#bounds.requestsMax) return
    this.#waiting.add(connection)
    if (this.#isTurnPlanned) return
    this.#isTurnPlanned = true
    setImmediate(() => this.#turn())
  }

  #turn(): void {
    this.#isTurnPlanned = false
    let left = begunPerTurnMax
    for (const connection of this.#waiting) {
      if (left === 0) break
      this.#waiting.delete(connection)
      const begin = connection.queued.shift()
      if (!begin) continue
      left -= 1
      begin()
      // Behind the others; it is visited again in this turn where there is room.
      this.#queue(connection)
    }
    if (this.#waiting.size === 0 || this.#isTurnPlanned) return
    this.#isTurnPlanned = true
    setImmediate(() => this.#turn())
  }

  #begin(
    connection: Connection,
    request: IncomingMessage,
    response: ServerResponse,
    next: RequestListener,
  ): void {
    connection.open.set(request, response)
    response.once('close', () => this.#ended(connection, request))
    next(request, response)
  }

  #ended(connection: Connection, request: IncomingMessage): void {
    const { open, queued, holder, socket } = connection
    open.delete(request)
    if (socket.destroyed) return
    if (holder.connections.delete(connection)) holder.connections.add(connection)
    if (queued.length > 0) return this.#queue(connection)
    if (connection.isPaused) socket.resume()
    connection.isPaused = false
  }

  #forget(connection: Connection): void {
    this.#release(connection)
    connection.queued.length = 0
    this.#waiting.delete(connection)
    // Node tells only the answer that was being sent; those behind it would hold their places for ever.
    setImmediate(() => {
      for (const response of connection.open.values()) if (!response.closed) response.emit('close')
    })
  }

  #release(connection: Connection): void {
    if (!this.#all.delete(connection)) return
    const { holder, files } = connection
    connection.files = 0
    holder.connections.delete(connection)
    this.#hold(holder, -1 - files)
  }

  #hold(holder: Holder, count: number): void {
    this.#held += count
    holder.held += count
    if (holder.held === 0) this.#holders.delete(holder.name)
  }

  #drop(connection: Connection, reason: Reason): void {
    this.#release(connection)
    connection.socket.destroy()
    this.#count(reason)
  }

  #count(reason: Reason): void {
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + 1)
    this.#ctx.metrics.connectionsDropped.inc({ reason })
  }

  #hasRoomFor(newcomer: Holder): boolean {
    if (this.#held < this.#bounds.descriptorsMax) return true
    const nowMs = performance.now()
    if (nowMs - this.#searchedAt < searchPauseMs) return false
    // An address that holds less than the newcomer's makes no room for it.
    for (const holder of this.#greediest(newcomer.held)) {
      const makingRoom = this.#mayClose(holder)
      for (const connection of makingRoom) this.#drop(connection, 'room')
      if (makingRoom.length > 0) return true
    }
    this.#searchedAt = nowMs
    return false
  }

  /** Addresses that hold at least so much, the greediest first. */
  #greediest(heldMin: number): Holder[] {
    const found: Holder[] = []
    for (const holder of this.#holders.values()) {
      if (holder.held < heldMin || holder.held <= (found[greediestMax - 1]?.held ?? 0)) continue
      found.push(holder)
      found.sort((one, other) => other.held - one.held)
      found.length = Math.min(found.length, greediestMax)
    }
    return found
  }

  /** Connections of an address that may be closed for others, all of one rank: those that have been idle for longest. */
  #mayClose({ connections, held }: Holder): Connection[] {
    const { descriptorsMax, stalledAfterMs, checkEveryMs } = this.#bounds
    const stalledChecksMin = Math.ceil(stalledAfterMs / checkEveryMs)
    const max = Math.ceil(Math.min(descriptorsMax / roomPart, held / 2))
    const ranked: [Connection[], Connection[], Connection[]] = [[], [], []]
    for (const connection of connections) {
      const rank = rankOf(connection, stalledChecksMin)
      if (rank !== null) ranked[rank].push(connection)
      if (ranked[0].length >= max) break
    }
    return (ranked.find(({ length }) => length > 0) ?? []).slice(0, max)
  }

  #checkAll(): void {
    const { idleWriteTimeoutMs, lingerMs, checkEveryMs } = this.#bounds
    for (const connection of this.#all) {
      check(connection)
      if (connection.stalledChecks * checkEveryMs >= idleWriteTimeoutMs) this.#drop(connection, 'stalled')
      else if (connection.endedChecks * checkEveryMs > lingerMs) this.#drop(connection, 'ended')
    }
    const nowMs = performance.now()
    if (this.#dropped.size === 0 || nowMs - this.#reportedAt < reportEveryMs) return
    this.#reportedAt = nowMs
    this.#ctx.log.warn(
      { dropped: Object.fromEntries(this.#dropped), open: this.#all.size, held: this.#held },
      'connections of clients were dropped',
    )
    this.#dropped.clear()
  }
}
