// Every way in which an answer can be worth nothing, be it to an order or to a question.
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { Chance } from '../../../../sandbox/draw/chance.ts'

export type Spoilt = keyof typeof spoilt

/** Well past the deadline of every submit. */
const heldMs = 3_000
const dripEveryMs = 50
const hugeBytes = 50 * 1024 * 1024
const depth = 200_000
const json = { 'content-type': 'application/json' }

const piece = Buffer.alloc(64 * 1024, ' ')
const bomb = gzipSync(Buffer.alloc(hugeBytes, ' '))
const deep = `{"code":0,"msg":"ok","data":{"task_ids":${'['.repeat(depth)}${']'.repeat(depth)}}}`
/** `made-0` is the id of no work: an id of another order, which it has not been told yet, cannot be told from its own. */
const nonsense = [
  '',
  'null',
  '[]',
  '{"code":0',
  '{"code":0,"msg":"ok"}',
  '{"code":0,"msg":"ok","data":{"task_ids":{"0":"made-0"}}}',
  '{"code":"0","msg":"ok","data":{"task_ids":["made-0"]}}',
  '{"code":1e400,"data":{"task_ids":["made-0"]}}',
  '{"__proto__":{"code":0,"data":{"task_ids":["made-0"]}}}',
  '{"code":0,"data":{"task_ids":[null,7,"","..","a b",{}]}}',
  '\u0000\uFFFD\u001B[2J{]',
] as const

const html = (status: number) => (response: ServerResponse) =>
  void response
    .writeHead(status, { 'content-type': 'text/html' })
    .end(`<html><h1>${status}</h1><p>Not what was asked for.</p></html>`)

const spoilt = {
  async silence(response: ServerResponse) {
    await setTimeout(heldMs)
    response.destroy()
  },
  cut: (response: ServerResponse) => void response.socket?.resetAndDestroy(),
  async cutBody(response: ServerResponse) {
    response.writeHead(200, { ...json, 'content-length': 1_000 })
    response.write('{"code":0,"msg":"ok","data":{"task_')
    // The head is to arrive before the connection breaks.
    await setTimeout(dripEveryMs)
    response.destroy()
  },
  html500: html(500),
  html502: html(502),
  slowHeaders: async (response: ServerResponse) =>
    await drip(response, 'HTTP/1.1 200 OK\r\n', 'x-still-here: yes\r\n'),
  slowBody: async (response: ServerResponse) =>
    await drip(response, 'HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n{"code":0,', ' '),
  async huge(response: ServerResponse) {
    response.on('error', () => undefined)
    const closed = once(response, 'close')
    response.writeHead(200, json)
    for (let sent = 0; sent < hugeBytes && !response.destroyed; sent += piece.length) {
      if (!response.write(piece)) await Promise.race([once(response, 'drain'), closed])
    }
    response.end()
  },
  bomb: (response: ServerResponse) =>
    void response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(bomb),
  deep: (response: ServerResponse) => void response.writeHead(200, json).end(deep),
  garbage: (response: ServerResponse, chance: Chance) =>
    void response.writeHead(200, json).end(chance.pick(nonsense)),
  noHttp: (response: ServerResponse) => void response.socket?.end('SSH-2.0-OpenSSH_9.9\r\n'),
}

export async function spoil(way: Spoilt, response: ServerResponse, chance: Chance): Promise<void> {
  await spoilt[way](response, chance)
}

export const isSpoilt = (way: string): way is Spoilt => Object.hasOwn(spoilt, way)

/** A beginning, then a little from time to time, and never the whole. */
async function drip({ socket }: ServerResponse, first: string, more: string): Promise<void> {
  socket?.write(first)
  for (let waitedMs = 0; waitedMs < heldMs; waitedMs += dripEveryMs) {
    await setTimeout(dripEveryMs)
    if (!socket?.writable) return
    socket.write(more)
  }
  socket?.destroy()
}
