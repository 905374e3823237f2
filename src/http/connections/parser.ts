// What Node's HTTP parser does with a slice, of which the listener that is given the slices says nothing.
import type { Socket } from 'node:net'

interface NodeParser {
  /** The number of bytes that were taken, or why none of this is HTTP. */
  execute(slice: Buffer): unknown
  /** Called when the first byte of a request has come; Node's own are at other numbers, and it clears this one. */
  [onMessageBegin]: (() => void) | null
}

/** `HTTPParser.kOnMessageBegin` */
const onMessageBegin = 0

/** Of the slice that was parsed last; parsers are used again for other sockets, so this is of none of them. */
let takenBytes: number | null = null

/**
 * To be called when Node's HTTP server has given the socket its parser. The function parses a slice and returns how
 * much of it was taken: after a request that asked for an upgrade, the parser takes no more of its slice.
 */
export function parserOf(socket: Socket, onBegin: () => void): (slice: Buffer) => number {
  const [parse] = socket.listeners('data') as ((slice: Buffer) => void)[]
  const parser = Reflect.get(socket, 'parser') as NodeParser | null
  if (!parse || !parser) throw new Error('Node gives its HTTP parser the data of a socket in another way')
  // With a listener for it, data passes through there and no longer straight from the system to the parser.
  socket.removeListener('data', parse)
  tellTaken(parser)
  parser[onMessageBegin] = onBegin
  return (slice) => {
    takenBytes = null
    parse(slice)
    return takenBytes ?? slice.length
  }
}

function tellTaken(parser: NodeParser): void {
  if (Object.hasOwn(parser, 'execute')) return
  const execute = parser.execute.bind(parser)
  parser.execute = (slice) => {
    const taken = execute(slice)
    takenBytes = typeof taken === 'number' ? taken : null
    return taken
  }
}
