// All client connections: limited below the descriptor limit, closed when they stall.
import type { RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Context } from '../../context.ts'
import type { ConnectionBounds } from './bounds.ts'
import { check, checkLate, holderName, newConnection, rankOf, TooSlow } from './connection.ts'
import type { Connection, Holder } from './connection.ts'
import { detach } from './detach.ts'
import { Intake, requestUnits } from './intake.ts'
import { parserOf } from './parser.ts'
import { gatherPieces } from './pieces.ts'
import { Turns } from './turns.ts'

/** When full, up to 1/`roomPart` of all descriptors is freed at once, so each new connection costs little. */
const roomPart = 64
/** How many of the addresses with the most connections are searched for one to close. */
const greediestMax = 8
/** After a search that found nothing to close, new connections are refused for this long without a search. */
const searchPauseMs = 50
/** Dropped connections are logged at most once in this time. */
const reportEveryMs = 10_000
/** Of all connections in one turn of the event loop: about a dozen requests, or a few hundred pieces of bodies. */
const unitsOfTurnMax = 256

/**
 * `refused`: no room. `room`: closed to make room. `stalled`: read nothing of an answer. `ended`: still open
 * after its last answer. `pieces`: a body in too many pieces.
 */
type Reason = 'refused' | 'room' | 'stalled' | 'ended' | 'pieces'

export class Connections {
  readonly #bounds: ConnectionBounds
  readonly #ctx: Pick<Context, 'log' | 'metrics'>
  readonly #all = new Set<Connection>()
  readonly #bySocket = new WeakMap<Socket, Connection>()
  readonly #holders = new Map<string, Holder>()
  readonly #dropped = new Map<Reason, number>()
  readonly #turns = new Turns(unitsOfTurnMax)
  readonly #intakes = new WeakMap<Connection, Intake>()
  readonly #refusals = new WeakMap<Connection, (error: Error) => void>()
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

  /** Checks all connections periodically; the returned function stops that. */
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
   * Reserves a descriptor for a file sent over this connection; the returned function releases it
   * (idempotent). Null if there is no room.
   */
  openFile(socket: Socket): (() => void) | null {
    const connection = this.#bySocket.get(socket)
    // Injected requests have no connection. Of a closed one the file is let go at once, and its address may have
    // a new holder, whose count it must not touch.
    if (!connection || !this.#all.has(connection)) return () => undefined
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
   * Call it after Node's HTTP server has created its parser: from then on the parser gets slices, in turns
   * with those of other connections. `refuse` is called for abusive input, like the server's `clientError`.
   */
  takeOver(socket: Socket, refuse: (error: Error) => void): void {
    const connection = this.#bySocket.get(socket)
    if (!connection) return
    const intake = new Intake(connection, {
      parse: parserOf(socket, () => (connection.isHeadDue = true)),
      refuse: (error) => {
        this.#count('pieces')
        refuse(error)
      },
    })
    this.#intakes.set(connection, intake)
    this.#refusals.set(connection, refuse)
    const notice = (): void => {
      if (intake.hasMore()) this.#turns.take(intake)
      else intake.noticeEnd()
    }
    socket.on('readable', notice).on('resume', notice)
  }

  /**
   * For `clientError`: nothing more of the connection is parsed. Complete requests before the error are still
   * answered, and the refusal follows the last of them: earlier, the client would take it for their answer.
   */
  refuse(error: NodeJS.ErrnoException, socket: Socket, answer: () => void): void {
    const connection = this.#bySocket.get(socket)
    if (!connection || error.code === 'ECONNRESET') return answer()
    // Errors after a refusal are ignored: the client may still be reading it.
    if (connection.isRefused) return
    connection.isRefused = true
    if (connection.queued[0]?.request.complete === true) connection.refusal = answer
    else answer()
  }

  /** Wraps the request listener: one request per connection at a time, the others in their order. */
  listener(next: RequestListener): RequestListener {
    return (request, response) => {
      // Node parses data that arrived before the connection was dropped.
      if (request.socket.destroyed) return
      const connection = this.#bySocket.get(request.socket)
      if (!connection) return next(request, response)
      connection.units += requestUnits
      const pieces = request.headers['transfer-encoding'] === undefined ? null : gatherPieces(request)
      connection.receiving = { request, pieces }
      connection.isHeadDue = false
      const { parsedBytes } = connection
      const begin = () => {
        connection.begunBytes = parsedBytes
        connection.answering = request
        response.once('close', () => this.#ended(connection))
        next(request, response)
      }
      if (!connection.answering && connection.queued.length === 0) begin()
      else connection.queued.push({ request, begin })
    }
  }

  /**
   * Takes over the connection of a response for a stream: the caller writes to its socket, incoming data is
   * dropped, and no further request is served on it. Null if the client is gone.
   */
  detach(response: ServerResponse): Socket | null {
    const { socket } = response
    const connection = socket && this.#bySocket.get(socket)
    if (!connection || socket.destroyed) return null
    this.#intakes.delete(connection)
    this.#refusals.delete(connection)
    detach(connection, response)
    socket.once('close', () => this.#forget(connection))
    return socket
  }

  #ended(connection: Connection): void {
    const { holder, socket } = connection
    connection.answering = null
    if (socket.destroyed) return
    if (connection.refusal && connection.queued[0]?.request.complete !== true) {
      // The refusal is for what was incomplete at that time.
      connection.queued.length = 0
      return connection.refusal()
    }
    // Moves the connection to the end: it is now the least idle.
    if (holder.connections.delete(connection)) holder.connections.add(connection)
    const intake = this.#intakes.get(connection)
    if (intake?.hasMore() === true) this.#turns.defer(intake)
  }

  #forget(connection: Connection): void {
    this.#release(connection)
    connection.queued.length = 0
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
    // A new connection never displaces one from an address that holds fewer descriptors than its own.
    for (const holder of this.#greediest(newcomer.held)) {
      const makingRoom = this.#mayClose(holder)
      for (const connection of makingRoom) this.#drop(connection, 'room')
      if (makingRoom.length > 0) return true
    }
    this.#searchedAt = nowMs
    return false
  }

  /** Addresses with at least that many descriptors, those with most first. */
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

  /** The longest idle connections of an address that may be closed for others, all of one rank. */
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
    const { idleWriteTimeoutMs, lingerMs, checkEveryMs, headTimeoutMs, bodyTimeoutMs } = this.#bounds
    for (const connection of this.#all) {
      check(connection)
      checkLate(connection)
      const timeoutMs = connection.late === 'head' ? headTimeoutMs : bodyTimeoutMs
      if (connection.lateChecks * checkEveryMs >= timeoutMs) this.#refusals.get(connection)?.(new TooSlow())
      if (connection.stalledChecks * checkEveryMs >= idleWriteTimeoutMs) this.#drop(connection, 'stalled')
      else if (connection.endedChecks * checkEveryMs > lingerMs) this.#drop(connection, 'ended')
    }
    this.#report()
  }

  #report(): void {
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
