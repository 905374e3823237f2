// HOST=localhost: a client may look for it at either loopback address, and one of them may be missing or taken.
import { Server } from 'node:http'
import { networkInterfaces } from 'node:os'
import fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { listenOnBothLoopbacks } from '../../../src/http/connections/listen.ts'
import { startGateway } from '../../support/gateway.ts'

const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? [])
const loopbacks = [
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '[::1]'],
].filter(([address]) => addresses.some((found) => found.address === address))

test('localhost is every loopback address of the machine, until the gateway stops', async () => {
  const gateway = await startGateway({ env: { HOST: 'localhost' } })
  const { port } = new URL(gateway.url)
  const ask = async () =>
    await Promise.allSettled(loopbacks.map(async ([, host]) => await fetch(`http://${host}:${port}/healthz`)))
  for (const answer of await ask()) expect(answer).toMatchObject({ value: { status: 200 } })
  await gateway.stop()
  for (const answer of await ask())
    expect(answer).toMatchObject({ reason: { cause: { code: 'ECONNREFUSED' } } })
})

class Unbindable extends Server {
  readonly #code: string
  constructor(code: string) {
    super()
    this.#code = code
  }
  override listen(): this {
    process.nextTick(() => this.emit('error', Object.assign(new Error('listen'), { code: this.#code })))
    return this
  }
}

test.each([
  ['is not of this machine', 'EADDRNOTAVAIL', 0],
  ['is of a family that the system does not have', 'EAFNOSUPPORT', 0],
  ['is held by another process', 'EADDRINUSE', 1],
  ['may not be bound', 'EACCES', 1],
])('where the second address %s, the first is served, and stops', async (_what, code, warnings) => {
  const warned: string[] = []
  const write = (line: string) => void warned.push(line)
  const app = fastify({ logger: { level: 'warn', stream: { write } } })
  onTestFinished(async () => await app.close())
  app.get('/', async () => 'served')
  listenOnBothLoopbacks(app, new Unbindable(code))
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  expect(await (await fetch(url)).text()).toBe('served')
  expect(warned).toHaveLength(warnings)
  for (const line of warned) expect(JSON.parse(line)).toMatchObject({ host: '::1', err: { code } })
  await app.close()
  await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
})
