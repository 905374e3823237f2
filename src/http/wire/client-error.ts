// Answers invalid or too slow HTTP requests in the shape of every other answer.
import { STATUS_CODES } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { wrongMethod } from './refusals.ts'

interface ClientError extends Error {
  readonly code?: string
  /** What the parser was given, and how much of it was right. */
  readonly rawPacket?: Buffer
  readonly bytesParsed?: number
}

/** The methods of a path; null if there is no such path. */
export type MethodsAt = (path: string) => readonly string[] | null

export interface ClientErrors {
  /** Call it for every request: the error answer must come after the pending one. */
  remember(request: FastifyRequest, reply: FastifyReply): void
  /** Call it if nothing more is parsed of the connection. */
  forget(socket: Socket): void
  /** Call it once per connection: nothing of it is read from then on. */
  answer(error: ClientError, socket: Socket, methodsAt: MethodsAt): void
}

export function createClientErrors(newRequestId: () => string): ClientErrors {
  const lastAnswers = new WeakMap<Socket, ServerResponse>()
  return {
    remember(request, reply) {
      lastAnswers.set(request.raw.socket, reply.raw)
    },
    forget: (socket) => void lastAnswers.delete(socket),
    answer(error, socket, methodsAt) {
      const last = lastAnswers.get(socket)
      // Answered while its body was arriving; the client would take a second answer for its next request's.
      if (last?.writableFinished === true && !last.req.complete) return void socket.destroy()
      // A complete request may already be charged: its own answer must come first, or the client would take
      // the refusal of later data for that answer.
      const refuse = () => sendRefusal(socket, { error, requestId: newRequestId(), methodsAt })
      if (last?.req.complete === true && !last.writableFinished && !last.destroyed)
        last.once('finish', refuse)
      else refuse()
    },
  }
}

interface Refused {
  readonly error: ClientError
  readonly requestId: string
  readonly methodsAt: MethodsAt
}

function sendRefusal(socket: Socket, { error, requestId, methodsAt }: Refused): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, message, allow } = meaning(error, methodsAt)
  const body = JSON.stringify({
    code: 0,
    msg: message,
    data: null,
    error: { type: 'invalid_request', message, request_id: requestId },
  })
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Cache-Control: no-store',
    ...(allow === undefined ? [] : [`Allow: ${allow}`]),
    `X-Request-Id: ${requestId}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

interface Meaning {
  readonly status: number
  readonly message: string
  readonly allow?: string
}

function meaning(error: ClientError, methodsAt: MethodsAt): Meaning {
  switch (error.code) {
    case 'HPE_INVALID_METHOD':
      return unknownMethod(error, methodsAt) ?? notHttp
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, message: 'The request took too long to arrive. Nothing was charged.' }
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, message: 'The headers are too large. Nothing was charged.' }
    case 'TOO_MANY_PIECES':
      return {
        status: 400,
        message:
          'The body comes in too many small chunks. Send it with a Content-Length, or in larger chunks. Nothing was charged.',
      }
    default:
      return notHttp
  }
}

const notHttp: Meaning = { status: 400, message: 'This is not well-formed HTTP. Nothing was charged.' }

/** A method is a token, and its case matters: `get` is one that is not known. */
const token = /^[\w!#$%&'*+.^`|~-]{1,32}$/
const requestLineBytesMax = 4_096

/** For a request to a path of ours that is well-formed but for a method that the parser does not know; else null. */
function unknownMethod({ rawPacket, bytesParsed = 0 }: ClientError, methodsAt: MethodsAt): Meaning | null {
  if (!rawPacket) return null
  const start = bytesParsed === 0 ? 0 : rawPacket.lastIndexOf('\n', bytesParsed - 1) + 1
  const [line = ''] = rawPacket.toString('latin1', start, start + requestLineBytesMax).split('\n', 1)
  const [method = '', target = '', version = ''] = line.trimEnd().split(' ')
  if (!token.test(method) || !target.startsWith('/') || !version.startsWith('HTTP/1.')) return null
  const [path = target] = target.split('?', 1)
  const methods = methodsAt(path)
  if (!methods) return null
  return { status: 405, allow: methods.join(', '), message: wrongMethod(method, methods).text.en }
}
