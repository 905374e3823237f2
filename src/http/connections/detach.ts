// Takes a connection out of Node's HTTP server: what that keeps for the next request is more than a stream needs.
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Connection } from './connection.ts'

/** Stands for the request of a stream, of which nothing is left. */
const streaming = { complete: true } as const

/** What Node's HTTP server holds in `socket.parser`; test/http/connections pins what is relied on here. */
interface Parser {
  socket: unknown
  incoming: unknown
  outgoing: unknown
  onIncoming: unknown
  /** Out of the list of connections whose timeouts are checked. */
  remove(): void
  close(): void
}

/** Of a client that reads a stream. */
export type StreamSocket = Socket

type ServedSocket = Socket & { parser?: Parser | null }

/** Own properties of a socket of Node's HTTP server, each a function that watches over its parser. */
const watching = ['on', 'addListener', 'prependListener', 'setEncoding'] as const

/**
 * From here on the server knows nothing of the connection: nothing of it is parsed, no time limit of the server holds
 * for it, and its response never finishes. To be called between two pieces of data, never by the parser itself.
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
  // What had come already, and waits for its turn, is read and dropped.
  connection.isRefused = true
  // A client that is gone breaks off in one of these ways.
  socket.on('error', ignore).once('end', destroy)
  // Once the listener for what is readable is gone in Node's eyes too.
  setImmediate(() => dropWhatComes(socket))
}

/** A client of a stream has nothing more to send; one that sends without end would be read without end. */
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
