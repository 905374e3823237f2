// State of one client connection: its requests, whether it reads its answers, and whether it may be closed.
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { network } from '../limits.ts'
import type { Pieces } from './pieces.ts'

/** All connections of one address. */
export interface Holder {
  readonly name: string
  /** Ordered by idle time, longest first. */
  readonly connections: Set<Connection>
  /** Number of its connections plus the files being sent to it. */
  held: number
}

export interface Receiving {
  readonly request: IncomingMessage
  /** Null if the body is not chunked, so its pieces are not gathered. */
  readonly pieces: Pieces | null
}

/** A pipelined request that waits until those before it are answered. */
export interface Queued {
  readonly request: IncomingMessage
  begin(): void
}

/** What we wait for from the client: the headers of its next request, or the body of one. */
export type Late = 'head' | IncomingMessage | null

export interface Connection {
  readonly socket: Socket
  readonly holder: Holder
  /** The request being answered; one at a time, and permanently if its answer is a stream. */
  answering: Pick<IncomingMessage, 'complete'> | null
  /** Pipelined requests waiting behind it. */
  readonly queued: Queued[]
  /** Bytes given to the parser in total, and that total at the end of the request being answered. */
  parsedBytes: number
  begunBytes: number
  /** The first bytes of a request, or a new connection, have arrived, but not yet complete headers. */
  isHeadDue: boolean
  /** The client sent something invalid, or was too late: nothing more is parsed. */
  isRefused: boolean
  /** Sends the refusal once the complete requests before it are answered. */
  refusal: (() => void) | null
  /** Consecutive checks in which we waited only for the client; and for what (`late`). */
  lateChecks: number
  late: Late
  /** The last request that arrived, until it is complete. */
  receiving: Receiving | null
  /** Units of work caused by the slice being parsed. */
  units: number
  files: number
  /** Consecutive checks without progress in sending; and the progress marker at the last check. */
  stalledChecks: number
  taken: string
  /** Checks since our side ended it. */
  endedChecks: number
}

export function newConnection(socket: Socket, holder: Holder): Connection {
  const requests = { answering: null, queued: [], receiving: null, isHeadDue: true }
  const bytes = { parsedBytes: 0, begunBytes: 0 }
  const refusals = { isRefused: false, refusal: null, lateChecks: 0, late: null }
  const counts = { units: 0, files: 0, stalledChecks: 0, taken: '', endedChecks: 0 }
  return { socket, holder, ...requests, ...bytes, ...refusals, ...counts }
}

/** One IPv6 customer has a whole /64. */
export const holderName = ({ remoteAddress = '' }: Socket): string => network(remoteAddress)

/** Node's own timeout uses the same value: how much of the current write the system has not taken yet. */
function writeQueueSize(socket: Socket): number {
  const handle = Reflect.get(socket, '_handle') as { readonly writeQueueSize?: number } | null
  return handle?.writeQueueSize ?? 0
}

/** Updates the counters. Counts checks, not time: a process that was suspended must not blame its clients. */
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

/** Bytes received beyond the request being answered. */
export const aheadBytes = ({ parsedBytes, begunBytes }: Connection): number => parsedBytes - begunBytes

/**
 * Null while we do not wait for the client: its data is still unread here, or its requests are queued behind
 * unanswered ones. The client's timeout runs only while we wait for it alone.
 */
function dueOf({ socket, answering, queued, receiving, isHeadDue, isRefused }: Connection): Late {
  if (isRefused || socket.readableLength > 0 || queued.length > 0) return null
  const body = receiving?.request
  if (body && !body.complete) {
    // Unread body data blocks the rest from arriving; the body of an already answered request is still read.
    return (answering === body || answering === null) && body.readableLength < body.readableHighWaterMark
      ? body
      : null
  }
  return isHeadDue && answering === null ? 'head' : null
}

/** Passed to `clientError`, with Node's own error code. */
export class TooSlow extends Error {
  readonly code = 'ERR_HTTP_REQUEST_TIMEOUT'
}

/** Updates the counter of what the client owes. Counts checks, like `check`. */
export function checkLate(connection: Connection): void {
  const due = dueOf(connection)
  connection.lateChecks = due !== null && due === connection.late ? connection.lateChecks + 1 : 0
  connection.late = due
}

/** Rank for closing connections to make room: idle ones first; null if the request is being worked on. */
export function rankOf(
  { socket, answering, queued, stalledChecks }: Connection,
  stalledChecksMin: number,
): 0 | 1 | 2 | null {
  if (!answering && queued.length === 0 && socket.readableLength === 0) return 0
  if (stalledChecks >= stalledChecksMin) return 1
  // No work has been done yet for a request that has not fully arrived.
  return answering?.complete === true ? null : 2
}
