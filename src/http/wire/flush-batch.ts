// Sends the answers of one turn of the event loop one right after the other.
import type { FastifyInstance, FastifyReply } from 'fastify'

/** With this many it has work until the next ones follow, so that neither side waits for the other. */
const batchMax = 16

/**
 * A client that waits for an answer sleeps, and waking it is the dearest part of a small answer. Answers sent
 * back to back find it awake; answers sent as each is ready, with the work of the next in between, wake it
 * every time. Nobody waits longer than until the end of the turn.
 */
export function flushInBatches(app: FastifyInstance): void {
  let ready: { readonly reply: FastifyReply; send(): void }[] = []
  const send = (): void => {
    const sending = ready
    ready = []
    for (const one of sending) {
      try {
        one.send()
      } catch (error) {
        // The other answers of the turn are still sent, and the client of this one does not wait for it.
        app.log.error({ err: error }, 'an answer could not be sent')
        one.reply.raw.destroy()
      }
    }
  }
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (ready.push({ reply, send: () => done() }) === 1) setImmediate(send)
    else if (ready.length === batchMax) send()
  })
}
