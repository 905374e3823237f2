// HTTP by hand: requests as bytes that can stop anywhere, and whatever answers come back on the connection.
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { Answer } from './outside.ts'
import type { Gateway } from './scene.ts'

const answerMaxMs = 30_000

/** A create as it stands on the wire; without `body` its head alone, for so many bytes that are to follow. */
export function createBytes(key: string, body: string, lines: readonly string[] = []): string {
  const length = `Content-Length: ${Buffer.byteLength(body)}`
  return `${createHead(key, [length, ...lines])}${body}`
}

export function createHead(key: string, lines: readonly string[]): string {
  const fixed = ['Host: gateway', `Authorization: Bearer ${key}`, 'Content-Type: application/json']
  return ['POST /api/v1/tasks/create HTTP/1.1', ...fixed, ...lines, '', ''].join('\r\n')
}

export async function open({ url }: Pick<Gateway, 'url'>): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

/** Sends it all at once and answers with what came back, until so many answers did or the connection ended. */
export async function say(gateway: Gateway, bytes: string, count = 1, connected?: Socket): Promise<Answer[]> {
  const socket = connected ?? (await open(gateway))
  let seen = Buffer.alloc(0)
  const done = Promise.withResolvers<void>()
  socket.setTimeout(answerMaxMs, () => socket.destroy())
  socket.once('close', () => done.resolve())
  socket.on('data', (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk])
    if (answersIn(seen).length >= count) done.resolve()
  })
  socket.write(bytes)
  await done.promise
  socket.destroy()
  return answersIn(seen)
}

const headEnd = '\r\n\r\n'

function answersIn(bytes: Buffer): Answer[] {
  const end = bytes.indexOf(headEnd)
  if (end === -1) return []
  const head = bytes.subarray(0, end).toString()
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1])
  const rest = bytes.subarray(end + headEnd.length)
  if (rest.length < length) return []
  const status = Number(head.split(' ')[1])
  const answer = { status, json: JSON.parse(rest.subarray(0, length).toString()) }
  return [answer, ...answersIn(rest.subarray(length))]
}
