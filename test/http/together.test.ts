// Answers of one turn are sent together: one that cannot be sent takes no other with it, and its client does not wait.
import fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { flushInBatches } from '../../src/http/wire/flush-batch.ts'

test('an answer that cannot be sent ends its connection, and those of the same turn are sent', async () => {
  const app = fastify()
  onTestFinished(async () => {
    app.server.closeAllConnections()
    await app.close()
  })
  flushInBatches(app)
  const both = Promise.withResolvers<void>()
  let asked = 0
  const whenBoth = async () => {
    asked += 1
    if (asked === 2) both.resolve()
    await both.promise
  }
  let isDestroyed = () => false
  app.get('/bad', async (_request, reply) => {
    isDestroyed = () => reply.raw.destroyed
    await whenBoth()
    // No text, as a serializer that fails would leave it.
    return await reply.serializer(() => 5 as unknown as string).send({})
  })
  app.get('/good', async () => {
    await whenBoth()
    return { is: 'sent' }
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const bad = fetch(`${url}/bad`).catch(() => 'broken off')
  expect((await fetch(`${url}/good`)).status).toBe(200)
  expect(isDestroyed()).toBe(true)
  expect(await bad).toBe('broken off')
})
