// One connection of a client: what it asks, whether it takes its answers, and when it may be closed for others.
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { network } from '../limits.ts'
import type { Pieces } from './pieces.ts'

/** All connections of one address. */
export interface Holder {
  readonly name: string
  /** The one that has been idle for longest comes first. */
  readonly connections: Set<Connection>
  /** Its connections, and the files that are being sent to it. */
  held: number
}

export interface Receiving {
  readonly request: IncomingMessage
  /** Null where its body comes as it was sent. */
  readonly pieces: Pieces | null
}

/** A request that has to wait until those before it are answered. */
export interface Queued {
  readonly request: IncomingMessage
  begin(): void
}

/** What is waited for of a client: the headers of its next request, or the body of one. */
export type Late = 'head' | IncomingMessage | null

export interface Connection {
  readonly socket: Socket
  readonly holder: Holder
  /** The request that is being answered; one at a time, and for good where its answer is a stream. */
  answering: Pick<IncomingMessage, 'complete'> | null
  /** Pipelined requests that wait for it. */
  readonly queued: Queued[]
  /** How much the parser was given in all, and how much of it by the end of the request that is being answered. */
  parsedBytes: number
  begunBytes: number
  /** The first bytes of a request are there, or are waited for on a new connection; its headers are not whole. */
  isHeadDue: boolean
  /** What came was no request, or too late: nothing more is read. */
  isRefused: boolean
  /** Says so to the client, once the requests that came whole before it are answered. */
  refusal: (() => void) | null
  /** For how many checks in a row nothing stood between us and a request but its client; and for which one. */
  lateChecks: number
  late: Late
  /** The last request that came, until it is whole. */
  receiving: Receiving | null
  /** What came of the slice that is being parsed, in units of work. */
  units: number
  files: number
  /** For how many checks in a row nothing was taken of what is to be sent; and how much had been by then. */
  stalledChecks: number
  taken: string
  /** For how many checks it has been ended on our side. */
  endedChecks: number
}

export function newConnection(socket: Socket, holder: Holder): Connection {
  const requests = { answering: null, queued: [], receiving: null, isHeadDue: true }
  const bytes = { parsedBytes: 0, begunBytes: 0 }
  const refusals = { isRefused: false, refusal: null, lateChecks: 0, late: null }
  const counts = { units: 0, files: 0, stalledChecks: 0, taken: '', endedChecks: 0 }
  return { socket, holder, ...requests, ...bytes, ...refusals, ...counts }
}

/** One IPv6 customer holds a whole /64. */
export const holderName = ({ remoteAddress = '' }: Socket): string => network(remoteAddress)

/** What Node's own timeout asks too: how much of a write that is under way the system has not taken yet. */
function writeQueueSize(socket: Socket): number {
  const handle = Reflect.get(socket, '_handle') as { readonly writeQueueSize?: number } | null
  return handle?.writeQueueSize ?? 0
}

/** Looks at the connection once more. Counts checks and not time: a process that was asleep blames no client. */
export function check(connection: Connection): void {
  const { socket } = connection
  connection.endedChecks = socket.writableFinished ? connection.endedChecks + 1 : 0
  if (socket.writableLength === 0) {
    connection.stalledChecks = 0
    connection.taken = ''
    return
  }
  const taken = `${socket.bytesWritten - socket.writableLength} ${writeQueueSize(socket)}`
  connection.stalledChecks = taken === connection.taken ? connection.stalledChecks + 1 : 0
  connection.taken = taken
}

/** What came behind the request that is being answered, in bytes. */
export const aheadBytes = ({ parsedBytes, begunBytes }: Connection): number => parsedBytes - begunBytes

/**
 * Null while the client has nothing to do: what it sent waits here to be read, or has its turn behind requests that
 * are not answered. Its time runs only when it alone is waited for.
 */
function dueOf({ socket, answering, queued, receiving, isHeadDue, isRefused }: Connection): Late {
  if (isRefused || socket.readableLength > 0 || queued.length > 0) return null
  const body = receiving?.request
  if (body && !body.complete) {
    // What is not read yet of a body keeps the rest from coming; one that was answered already is still read.
    return (answering === body || answering === null) && body.readableLength < body.readableHighWaterMark
      ? body
      : null
  }
  return isHeadDue && answering === null ? 'head' : null
}

/** For `clientError`, with the code that Node itself has for it. */
export class TooSlow extends Error {
  readonly code = 'ERR_HTTP_REQUEST_TIMEOUT'
}

/** Looks once more at what the client owes. Counts checks, as `check` does. */
export function checkLate(connection: Connection): void {
  const due = dueOf(connection)
  connection.lateChecks = due !== null && due === connection.late ? connection.lateChecks + 1 : 0
  connection.late = due
}

/** In which order connections make room: silent ones first; null for one whose request is being worked on. */
export function rankOf(
  { socket, answering, queued, stalledChecks }: Connection,
  stalledChecksMin: number,
): 0 | 1 | 2 | null {
  if (!answering && queued.length === 0 && socket.readableLength === 0) return 0
  if (stalledChecks >= stalledChecksMin) return 1
  // Nothing was done for a request that has not arrived whole.
  return answering?.complete === true ? null : 2
}
