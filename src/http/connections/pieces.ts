// A body in chunks of single bytes costs an object for each: beyond a bound its client is told to send it otherwise.
import type { IncomingMessage } from 'node:http'

/** A body of any size may come in so many pieces. */
const piecesMin = 1_024
/** Beyond them a piece has to bear so many bytes on average: a small buffer of a client has a hundred times that. */
const bytesPerPieceMin = 64

/** As Node's own errors of a request that cannot be read have it. */
export class TooManyPieces extends Error {
  readonly code = 'TOO_MANY_PIECES'
}

/** Only bodies in chunks come in more pieces than the system hands over at a time. */
export const comesInPieces = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined

/**
 * Counts the pieces of a body where they arrive, whether or not anybody reads them; calls `refuse` once there are
 * too many. What comes after that is dropped.
 */
export function boundPieces(request: IncomingMessage, refuse: () => void): void {
  const push = request.push.bind(request)
  let pieces = 0
  let bytes = 0
  let isRefused = false
  request.push = (piece: Buffer | null, encoding?: BufferEncoding): boolean => {
    if (piece === null) return push(piece)
    if (isRefused) return false
    pieces += 1
    bytes += piece.length
    if (pieces <= piecesMin + bytes / bytesPerPieceMin) return push(piece, encoding)
    isRefused = true
    refuse()
    return false
  }
}
