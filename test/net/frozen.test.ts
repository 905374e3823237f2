// A process that stood still reads what has arrived meanwhile before it says that nothing came.
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { createGuard } from '../../src/net/guard.ts'
import { createTrustedHttp } from '../../src/net/trusted-http.ts'

/** Long enough for a busy machine to connect and ask in it. */
const timeoutMs = 700

/** Answers, and then holds the loop until every time is over. It is asked at once. */
async function frozen(answer: string): Promise<string> {
  let until = Number.POSITIVE_INFINITY
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => {
      socket.write(answer)
      while (performance.now() < until);
    })
    onTestFinished(() => void socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  until = performance.now() + timeoutMs + 100
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const guard = createGuard({ allowHosts: ['127.0.0.1'] })

test.each([
  ['all of it', { timeoutMs }],
  ['each wait', { timeoutMs: 20_000, idleTimeoutMs: timeoutMs }],
])('with a bound on %s', async (_name, bounds) => {
  const url = await frozen('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
  const answer = await guard.fetch(url, { ...bounds, maxBytes: 100 })
  expect(answer.status).toBe(200)
  answer.close()
  const mute = await frozen('')
  await expect(guard.fetch(mute, { ...bounds, maxBytes: 100 })).rejects.toMatchObject({ kind: 'timeout' })
})

test('at a host of the operator', async () => {
  const door = createTrustedHttp()
  onTestFinished(async () => await door.close())
  const url = await frozen('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
  const answer = await door.ask(url, { method: 'GET', headers: {}, timeoutMs })
  expect(answer.status).toBe(200)
  expect(await text(answer.body)).toBe('ok')
  const mute = await frozen('')
  const asked = door.ask(mute, { method: 'GET', headers: {}, timeoutMs })
  await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' })
})
