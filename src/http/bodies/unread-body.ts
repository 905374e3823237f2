// When a request is answered before its body has arrived, drops the rest, so that the client gets the answer.
import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { hasBody } from './encodings.ts'
import { inTurns } from './turn.ts'

/** The longest body that any route takes. A client that sends more is disconnected. */
const droppedBytesMax = 28 * 1024 * 1024
const pieceBytesMax = 64 * 1024
/** For a client that asked for a close and sends no more of its body: only our end of the connection is closed. */
const lingerMs = 1_000

/**
 * Otherwise Node either closes the connection, and a client that is still sending sees a reset instead of the
 * answer; or it drops data without limit and at full speed.
 */
export function dropUnreadBodies(app: FastifyInstance): void {
  // oxlint-disable-next-line eslint/max-params -- Fastify's hook with a callback: a promise would cost each request
  app.addHook('onSend', (request, reply, payload, done) => {
    if (hasUnreadBody(request)) {
      if (Number(request.headers['content-length'] ?? 0) > droppedBytesMax) {
        reply.header('connection', 'close')
      } else {
        // The framework and clients ask for a close; it would come before the rest is read.
        reply.header('connection', 'keep-alive')
        const dropped = drop(request).catch(() => undefined)
        if (asksForClose(request)) {
          const lingered = pause(lingerMs, undefined, { ref: false })
          void Promise.race([dropped, lingered]).then(() => endAfter(reply, request.raw))
        }
      }
    }
    done(null, payload)
  })
}

/** Such a client may read until the connection ends. */
const asksForClose = ({ raw: { headers, httpVersion } }: FastifyRequest): boolean =>
  httpVersion === '1.0' || /\bclose\b/i.test(headers.connection ?? '')

function endAfter({ raw }: FastifyReply, { socket }: FastifyRequest['raw']): void {
  if (raw.writableFinished) socket.end()
  else raw.once('finish', () => socket.end())
}

function hasUnreadBody(request: FastifyRequest): boolean {
  return !request.raw.readableEnded && !request.raw.destroyed && hasBody(request)
}

async function drop({ raw }: FastifyRequest): Promise<void> {
  let left = droppedBytesMax
  for await (const piece of inTurns(raw, pieceBytesMax)) {
    left -= piece.length
    if (left < 0) return void raw.destroy()
  }
}
