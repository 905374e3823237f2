// A body in chunks of single bytes is refused in words; what honest clients send in chunks is taken.
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { startGateway, until } from '../../support/gateway.ts'
import { failure, readAnswer, seen } from '../expectations.ts'
import { metric } from './sockets.ts'

const creating = (key: string, path: string) =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`

test('a body in chunks of single bytes is refused in words, whoever sends it, and its connection closed', async () => {
  const gateway = await startGateway()
  onTestFinished(() => gateway.stop())
  const customer = await gateway.customer(100)
  const before = await metric(gateway, 'connections_dropped_total{reason="pieces"}')
  const paths = ['/api/v1/tasks/create', '/api/v1/quote', '/api/v1/files']
  let sent = 0
  for (const key of [customer.key, 'sk-of-nobody']) {
    for (const path of paths) {
      const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
      let heard = ''
      socket.on('data', (bytes) => (heard += bytes.toString()))
      socket.on('error', () => undefined)
      // One that was answered is cut off while it still sends.
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
      socket.write(creating(key, path) + '1\r\n{\r\n'.repeat(60_000))
      await closed
      sent += 1
      // One whose key is wrong, or whose type is, was answered before its body came.
      if (key === customer.key && path !== '/api/v1/files') {
        const answer = readAnswer(heard)
        expect(seen(answer)).toEqual(failure({ type: 'invalid_request', status: 400 }))
        expect(answer.json.msg).toContain('larger chunks')
      }
    }
  }
  expect((await metric(gateway, 'connections_dropped_total{reason="pieces"}')) - before).toBe(sent)
  expect(await customer.balance()).toBe(100)
})

test('a small body byte by byte, and a long one in small chunks, are taken', async () => {
  const gateway = await startGateway()
  onTestFinished(() => gateway.stop())
  const customer = await gateway.customer(1_000)
  const order = JSON.stringify({ model_id: 'gpt-image-2', prompt: 'a heron' })
  const long = JSON.stringify({ model_id: 'gpt-image-2', prompt: 'a heron' }).padEnd(60_000)
  const chunksOf = (text: string, size: number) =>
    Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size))
      .map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`)
      .join('')
  for (const chunks of [chunksOf(order, 1), chunksOf(long, 64)]) {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    let heard = ''
    socket.on('data', (bytes) => (heard += bytes.toString()))
    socket.write(`${creating(customer.key, '/api/v1/tasks/create')}${chunks}0\r\n\r\n`)
    await until(
      () => heard,
      (text) => text.includes('task_ids'),
    )
    expect(heard).toContain('HTTP/1.1 200')
  }
})
