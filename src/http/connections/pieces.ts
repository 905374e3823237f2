// Puts the pieces of a chunked body together: a client that sends chunks of one byte makes an object of each.
import type { IncomingMessage } from 'node:http'

/** So many chunks may be as small as they like: a small body may come byte by byte. */
const freePiecesMax = 4_096
/** Of more, the mean: lines of text are longer, and what programs send has kilobytes. */
const pieceBytesMin = 32

export interface Pieces {
  /** Since it was asked last. */
  taken(): number
  /** Hands on what has come since the last time, in one piece. */
  flush(): void
  /** They are too many for what they bring. */
  areTooSmall(): boolean
}

/** To be called before anything of the body has come. */
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
