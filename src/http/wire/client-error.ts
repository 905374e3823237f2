// Answers invalid or too slow HTTP requests in the shape of every other answer.
import { STATUS_CODES } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'

interface ClientError extends Error {
  readonly code?: string
}

export interface ClientErrors {
  /** Call it for every request: the error answer must come after the pending one. */
  remember(request: FastifyRequest, reply: FastifyReply): void
  /** Call it if nothing more is parsed of the connection. */
  forget(socket: Socket): void
  /** Call it once per connection: nothing of it is read from then on. */
  answer(error: ClientError, socket: Socket): void
}

export function createClientErrors(newRequestId: () => string): ClientErrors {
  const lastAnswers = new WeakMap<Socket, ServerResponse>()
  return {
    remember(request, reply) {
      lastAnswers.set(request.raw.socket, reply.raw)
    },
    forget: (socket) => void lastAnswers.delete(socket),
    answer(error, socket) {
      const last = lastAnswers.get(socket)
      // Answered while its body was arriving; the client would take a second answer for its next request's.
      if (last?.writableFinished === true && !last.req.complete) return void socket.destroy()
      // A complete request may already be charged: its own answer must come first, or the client would take
      // the refusal of later data for that answer.
      if (last?.req.complete === true && !last.writableFinished && !last.destroyed) {
        last.once('finish', () => sendRefusal(error, socket, newRequestId()))
      } else {
        sendRefusal(error, socket, newRequestId())
      }
    },
  }
}

function sendRefusal(error: ClientError, socket: Socket, requestId: string): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, message } = meaning(error.code)
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
    `X-Request-Id: ${requestId}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

function meaning(code: string | undefined): { status: number; message: string } {
  switch (code) {
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
      return { status: 400, message: 'This is not well-formed HTTP. Nothing was charged.' }
  }
}
