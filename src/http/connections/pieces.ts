// Joins the pieces of a chunked body: otherwise a client with one-byte chunks creates an object for each.
import type { IncomingMessage } from 'node:http'

/** This many chunks may be of any size: a small body may come byte by byte. */
const freePiecesMax = 4_096
/** Minimum mean size beyond that: lines of text are longer, and programs send kilobytes. */
const pieceBytesMin = 32

export interface Pieces {
  /** The number of pieces since the last call. */
  taken(): number
  /** Passes on the data since the last call, in one piece. */
  flush(): void
  /** Too many pieces for their total size. */
  areTooSmall(): boolean
}

/** Call it before any data of the body has arrived. */
export function gatherPieces(request: IncomingMessage): Pieces {
  const push = request.push.bind(request)
  let gathered: Buffer[] = []
  let [count, told, bytes] = [0, 0, 0]
  const flush = (): void => {
    const [first] = gathered
    if (!first) return
    const whole = gathered.length > 1 ? Buffer.concat(gathered) : first
    gathered = []
    push(whole)
  }
  request.push = (piece: Buffer | null) => {
    if (piece === null) {
      flush()
      return push(null)
    }
    gathered.push(piece)
    count += 1
    bytes += piece.length
    return true
  }
  return {
    taken() {
      const since = count - told
      told = count
      return since
    },
    flush,
    areTooSmall: () => count > freePiecesMax && bytes < count * pieceBytesMin,
  }
}
