// Sends the answers of one event loop turn back to back.
import type { FastifyInstance, FastifyReply } from 'fastify'

/** This many keep the client busy until the next ones follow, so that neither side waits for the other. */
const batchMax = 16

/**
 * A client that waits for an answer sleeps, and waking it is the most expensive part of a small answer.
 * Answers sent back to back find it awake; answers sent one by one, with work in between, wake it every time.
 * No answer is delayed beyond the end of the turn.
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
        // The other answers of the turn are still sent; this one's client gets a closed connection.
        app.log.error({ err: error }, 'an answer could not be sent')
        one.reply.raw.destroy()
      }
    }
  }
  // oxlint-disable-next-line eslint/max-params -- Fastify's hook with a callback: a promise would cost each request
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (ready.push({ reply, send: () => done() }) === 1) setImmediate(send)
    else if (ready.length === batchMax) send()
  })
}
