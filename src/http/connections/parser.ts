// Access to Node's HTTP parser of a socket: how much of a slice it consumed, and when a request begins.
import type { Socket } from 'node:net'

interface NodeParser {
  /** Returns the number of consumed bytes, or an error if this is not HTTP. */
  execute(slice: Buffer): unknown
  /** Called on a request's first byte; Node uses other slots for its own callbacks, and clears this one. */
  [onMessageBegin]: (() => void) | null
}

/** `HTTPParser.kOnMessageBegin` */
const onMessageBegin = 0

/** Of the slice parsed last. Global, because parsers are reused for other sockets. */
let takenBytes: number | null = null

/**
 * Call it after Node's HTTP server has given the socket its parser. The returned function parses a slice and
 * returns how much was consumed: after an upgrade request, the parser consumes no more of its slice.
 */
export function parserOf(socket: Socket, onBegin: () => void): (slice: Buffer) => number {
  const [parse] = socket.listeners('data') as ((slice: Buffer) => void)[]
  const parser = Reflect.get(socket, 'parser') as NodeParser | null
  if (!parse || !parser) throw new Error('Node gives its HTTP parser the data of a socket in another way')
  // A `data` listener makes Node pass the data through it, no longer straight from the system to the parser.
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
