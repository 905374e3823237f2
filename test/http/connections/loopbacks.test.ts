// HOST=localhost: a client may look for it at either loopback address, and one of them may be missing or taken.
import { once } from 'node:events'
import { Server } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { listenOnBothLoopbacks } from '../../../src/http/connections/listen.ts'
import { startGateway } from '../../support/gateway.ts'

const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? [])
const loopbacks = ['127.0.0.1', '::1'].filter((one) => addresses.some(({ address }) => address === one))

test('localhost is every loopback address of the machine, until the gateway stops', async () => {
  const gateway = await startGateway({ env: { HOST: 'localhost' } })
  const port = Number(new URL(gateway.url).port)
  const closed = await Promise.all(
    loopbacks.map(async (host) => {
      const socket = connect(port, host)
      socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n')
      const [answer] = (await once(socket, 'data')) as [Buffer]
      expect(answer.toString()).toContain('200 OK')
      return { over: once(socket, 'close') }
    }),
  )
  await gateway.stop()
  await Promise.all(closed.map(async ({ over }) => await over))
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
  expect(app.server.listening).toBe(false)
})
