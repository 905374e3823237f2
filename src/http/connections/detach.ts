// Detaches a connection from Node's HTTP server, which keeps more per connection than a stream needs.
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Connection } from './connection.ts'

/** Replaces the request of a stream, so that it can be garbage collected. */
const streaming = { complete: true } as const

/** What Node's HTTP server stores in `socket.parser`; test/http/connections covers what we rely on. */
interface Parser {
  socket: unknown
  incoming: unknown
  outgoing: unknown
  onIncoming: unknown
  /** Removes it from the list of connections whose timeouts are checked. */
  remove(): void
  close(): void
}

/** The socket of a client that reads a stream. */
export type StreamSocket = Socket

type ServedSocket = Socket & { parser?: Parser | null }

/** Functions that Node's HTTP server sets as own properties of a socket, to guard its parser. */
const watching = ['on', 'addListener', 'prependListener', 'setEncoding'] as const

/**
 * From here on the server ignores the connection: it parses nothing, applies no timeout, and the response
 * never finishes. Call it between two pieces of data, never from within the parser.
 */
export function detach(connection: Connection, response: ServerResponse): void {
  const { socket } = connection
  const served: ServedSocket = socket
  const { parser } = served
  if (!parser) throw new Error('Node keeps the parser of a connection in another place')
  response.detachSocket(socket)
  for (const name of watching) Reflect.deleteProperty(socket, name)
  socket.removeAllListeners()
  parser.remove()
  Object.assign(parser, { socket: null, incoming: null, outgoing: null, onIncoming: null })
  served.parser = null
  setImmediate(() => parser.close())
  connection.answering = streaming
  connection.receiving = null
  connection.refusal = null
  connection.queued.length = 0
  // Data that has arrived and is still queued is read and dropped.
  connection.isRefused = true
  // A client that disconnects causes one of these events.
  socket.on('error', ignore).once('end', destroy)
  // Only after Node has also processed the removal of the `readable` listener.
  setImmediate(() => dropWhatComes(socket))
}

/** A stream's client has nothing more to send; this limits one that sends without end. */
const droppedBytesMax = 64 * 1024

function dropWhatComes(socket: Socket): void {
  let bytes = 0
  socket.on('data', (piece: Buffer) => {
    bytes += piece.length
    if (bytes > droppedBytesMax) socket.destroy()
  })
}

const ignore = (): void => undefined

function destroy(this: Socket): void {
  this.destroy()
}
