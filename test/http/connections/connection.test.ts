// What one connection owes and takes, and what is still read of it, shown with stand-in sockets.
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { connectionBounds } from '../../../src/http/connections/bounds.ts'
import { check, checkLate, newConnection } from '../../../src/http/connections/connection.ts'
import type { Connection } from '../../../src/http/connections/connection.ts'
import { Connections } from '../../../src/http/connections/connections.ts'
import { Intake } from '../../../src/http/connections/intake.ts'
import { createLog } from '../../../src/log.ts'
import { createMetrics } from '../../../src/metrics.ts'

function connectionOf(socket: object): Connection {
  return newConnection(socket as Socket, { name: 'a', connections: new Set(), held: 1 })
}

const checks = 5
/** Each time the socket is looked at, `step` has happened first. */
function stalledAfter(socket: object, step: () => void): number {
  const connection = connectionOf(socket)
  for (let each = 0; each <= checks; each += 1) {
    step()
    check(connection)
  }
  return connection.stalledChecks
}

test('a client that takes nothing is stalled, in each check once more', () => {
  const socket = { bytesWritten: 9_000, writableLength: 5_000, _handle: { writeQueueSize: 5_000 } }
  expect(stalledAfter(socket, () => undefined)).toBe(checks)
})

test.each([
  ['the system takes a little of a long write', 0, -1],
  ['what is to be sent becomes less', -1, 0],
])('a client is not stalled while %s', (_what, length, queueSize) => {
  const socket = { bytesWritten: 9_000, writableLength: 5_000, _handle: { writeQueueSize: 5_000 } }
  const step = () => {
    socket.writableLength += length
    socket['_handle'].writeQueueSize += queueSize
  }
  expect(stalledAfter(socket, step)).toBe(0)
})

test('a client that has taken all is not stalled by what is sent to it next', () => {
  const socket = { bytesWritten: 9_000, writableLength: 5_000 }
  expect(stalledAfter(socket, () => (socket.writableLength = socket.writableLength === 0 ? 5_000 : 0))).toBe(
    0,
  )
})

const bodyOf = (complete: boolean, readableLength = 0) =>
  ({ complete, readableLength, readableHighWaterMark: 16_384 }) as IncomingMessage
const silent = { readableLength: 0, writableLength: 0 }

/** What is waited for of the client, and for how many checks after the first. */
function lateOf(socket: object, changes: Partial<Connection>): { late: Connection['late']; checks: number } {
  const connection = Object.assign(connectionOf(socket), changes)
  for (let each = 0; each <= checks; each += 1) checkLate(connection)
  return { late: connection.late, checks: connection.lateChecks }
}

test('a client that has sent no whole head owes it', () => {
  expect(lateOf(silent, {})).toEqual({ late: 'head', checks })
})

const begin = () => undefined
test.each([
  ['what it sent lies here and is not read', { ...silent, readableLength: 9 }, {}],
  ['a request that came whole has its turn next', silent, { queued: [{ request: bodyOf(true), begin }] }],
  ['a request of it is being answered', silent, { answering: bodyOf(true) }],
  ['it was refused', silent, { isRefused: true }],
  ['it has begun nothing', silent, { isHeadDue: false }],
])('a client owes no head while %s', (_what, socket, changes) => {
  expect(lateOf(socket, changes)).toEqual({ late: null, checks: 0 })
})

test.each([
  ['is being answered', true],
  ['was answered before it came whole', false],
])('a client owes the rest of the body of a request that %s', (_what, isAnswering) => {
  const request = bodyOf(false)
  const changes = { receiving: { request, pieces: null }, answering: isAnswering ? request : null }
  expect(lateOf(silent, changes)).toEqual({ late: request, checks })
})

test.each([
  ['nobody has read what came of it', (request: IncomingMessage) => request, bodyOf(false, 16_384)],
  ['a request before it is being answered', () => bodyOf(true), bodyOf(false)],
])('a client owes no body while %s', (_what, answering, request) => {
  const changes = { receiving: { request, pieces: null }, answering: answering(request) }
  expect(lateOf(silent, changes)).toEqual({ late: null, checks: 0 })
})

test('nothing is parsed after the slice that was refused, and what comes is still taken from the system', () => {
  const socket = new PassThrough()
  socket.write(Buffer.alloc(9_000))
  const connection = connectionOf(socket)
  let parsed = 0
  const intake = new Intake(connection, {
    parse(slice) {
      parsed += 1
      connection.isRefused = parsed === 2
      return slice.length
    },
    refuse: () => undefined,
  })
  intake.step()
  expect(parsed).toBe(2)
  expect(intake.hasMore()).toBe(true)
  intake.step()
  expect(parsed).toBe(2)
  expect(socket.readableLength).toBe(0)
  expect(intake.hasMore()).toBe(false)
})

test('a file for a connection that is closed already is not counted, and takes no address from the others', async () => {
  const metrics = createMetrics()
  const bounds = { ...connectionBounds(null, 1_024), descriptorsMax: 2 }
  const connections = new Connections(bounds, { log: createLog('silent'), metrics })
  const [gone, first, second, third] = [new Socket(), new Socket(), new Socket(), new Socket()]
  connections.accept(gone)
  gone.destroy()
  await once(gone, 'close')
  connections.accept(first)
  const letGo = connections.openFile(gone)
  expect(await metrics.text()).toMatch(/^tollgate_client_descriptors 1$/m)
  letGo?.()
  connections.accept(second)
  // The longest idle one of the address makes room.
  connections.accept(third)
  expect([first, second, third].map(({ destroyed }) => destroyed)).toEqual([true, false, false])
  for (const socket of [second, third]) socket.destroy()
})

test('a connection is refused once', () => {
  const ctx = { log: createLog('silent'), metrics: createMetrics() }
  const connections = new Connections(connectionBounds(null, 1_024), ctx)
  const socket = new Socket()
  connections.accept(socket)
  let answers = 0
  const answer = () => (answers += 1)
  for (let each = 0; each < 3; each += 1) connections.refuse(new Error('no HTTP'), socket, answer)
  socket.destroy()
  expect(answers).toBe(1)
})
