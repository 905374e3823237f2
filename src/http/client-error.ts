// Answers whoever does not speak HTTP, or speaks it too slowly, in the shape of every other answer.
import type { Socket } from 'node:net'
import { STATUS_CODES } from 'node:http'

interface ClientError extends Error {
  readonly code?: string
}

export function answerClientError(error: ClientError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, message } = meaning(error.code)
  const body = JSON.stringify({
    code: 0,
    msg: message,
    data: null,
    error: { type: 'invalid_request', message, request_id: '' },
  })
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

function meaning(code: string | undefined): { status: number; message: string } {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, message: 'The request took too long to arrive. Nothing was charged.' }
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, message: 'The headers are too large. Nothing was charged.' }
    default:
      return { status: 400, message: 'This is not well-formed HTTP. Nothing was charged.' }
  }
}
