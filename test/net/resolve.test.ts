// Names of strangers go to the DNS servers alone, in both families, and never for longer than somebody waits.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'

import { createResolve } from '../../src/net/resolve.ts'

const never = new AbortController().signal
const types = { 1: 'A', 28: 'AAAA' } as const

/** Rows are `name type`, and what is answered: addresses as hex, an error code, or nothing at all. */
async function dnsServer(rows: Readonly<Record<string, readonly string[] | number | 'silence'>>) {
  const asked: string[] = []
  const socket = createSocket('udp4')
  socket.on('message', (question, { port, address }) => {
    const { name, end } = readName(question)
    const type = types[question.readUInt16BE(end) as keyof typeof types]
    asked.push(`${name} ${type}`)
    const row = rows[`${name} ${type}`] ?? 3
    if (row !== 'silence') socket.send(answerTo(question.subarray(0, end + 4), row), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  return { servers: [`127.0.0.1:${socket.address().port}`], asked }
}

const headBytes = 12

function readName(message: Buffer): { name: string; end: number } {
  const labels: string[] = []
  let at = headBytes
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 }
}

/** RFC 1035: the question again, its name pointed to by every answer. */
function answerTo(question: Buffer, row: readonly string[] | number): Buffer {
  const addresses = typeof row === 'number' ? [] : row
  const head = Buffer.from(question)
  head.writeUInt16BE(0x8180 | (typeof row === 'number' ? row : 0), 2)
  head.writeUInt16BE(addresses.length, 6)
  head.writeUInt16BE(0, 8)
  head.writeUInt16BE(0, 10)
  const answers = addresses.map((hex) => {
    const bytes = Buffer.from(hex, 'hex')
    const type = bytes.length === 4 ? 1 : 28
    return Buffer.concat([Buffer.from([0xc0, headBytes, 0, type, 0, 1, 0, 0, 0, 0, 0, bytes.length]), bytes])
  })
  return Buffer.concat([head, ...answers])
}

const v4 = '5db8d70e'
const v6 = '2606280002200001000000000000000f'

test('both families are asked for, IPv4 first', async () => {
  const { servers, asked } = await dnsServer({
    'both.example A': [v4, '01010101'],
    'both.example AAAA': [v6],
  })
  const addresses = await createResolve(servers)('both.example', { isAllowed: false, signal: never })
  expect(addresses).toEqual(['93.184.215.14', '1.1.1.1', '2606:2800:220:1::f'])
  expect(asked.toSorted()).toEqual(['both.example A', 'both.example AAAA'])
})

test('one family is enough, whatever becomes of the other', async () => {
  const { servers } = await dnsServer({
    'four.example A': [v4],
    'four.example AAAA': 2,
    'six.example A': [],
    'six.example AAAA': [v6],
  })
  const resolve = createResolve(servers)
  expect(await resolve('four.example', { isAllowed: false, signal: never })).toEqual(['93.184.215.14'])
  expect(await resolve('six.example', { isAllowed: false, signal: never })).toEqual(['2606:2800:220:1::f'])
})

test.each([
  ['AAAA', ['93.184.215.14']],
  ['A', ['2606:2800:220:1::f']],
] as const)(
  'a name whose %s query is never answered is reached by its other family',
  async (mute, addresses) => {
    const rows = {
      'half.example A': [v4],
      'half.example AAAA': [v6],
      [`half.example ${mute}`]: 'silence' as const,
    }
    const { servers, asked } = await dnsServer(rows)
    // A server that does not answer is given up after this; nothing else would end the query.
    const resolve = createResolve(servers, { serverTimeoutMs: 3_600_000 })
    expect(await resolve('half.example', { isAllowed: false, signal: never })).toEqual(addresses)
    expect(asked).toHaveLength(2)
  },
)

test('a name of which one family is not there and the other is never answered is waited for', async () => {
  const { servers } = await dnsServer({ 'half.example A': 3, 'half.example AAAA': 'silence' })
  const resolve = createResolve(servers, { serverTimeoutMs: 30 })
  await expect(resolve('half.example', { isAllowed: false, signal: never })).rejects.toMatchObject({
    code: 'ENOTFOUND',
  })
})

test('a name that is not there is an error', async () => {
  const { servers } = await dnsServer({})
  await expect(
    createResolve(servers)('none.example', { isAllowed: false, signal: never }),
  ).rejects.toMatchObject({ code: 'ENOTFOUND' })
})

test("the machine's hosts file is asked for the operator's names alone", async () => {
  const { servers, asked } = await dnsServer({ 'localhost A': [v4] })
  const resolve = createResolve(servers)
  expect(await resolve('localhost', { isAllowed: true, signal: never })).toContain('127.0.0.1')
  expect(asked).toEqual([])
  expect(await resolve('localhost', { isAllowed: false, signal: never })).toEqual(['93.184.215.14'])
})

test('whoever gives up waits no longer', async () => {
  const { servers } = await dnsServer({ 'mute.example A': 'silence', 'mute.example AAAA': 'silence' })
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 50)
  await expect(
    createResolve(servers)('mute.example', { isAllowed: false, signal: controller.signal }),
  ).rejects.toMatchObject({ code: 'ECANCELLED' })
})
