// A door before a sandbox that lets everything by, but hands out files as slowly as it is told.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { startSandbox } from '../../../sandbox/sandbox.ts'

export interface SlowFiles {
  /** `http://127.0.0.1:PORT/v1` */
  readonly baseUrl: string
  /** While it holds, of each file only the first half is sent. */
  hold(held: boolean): void
  /** Milliseconds between the pieces of a file. */
  pace(ms: number): void
  /** How many halves have been sent that wait for their other half. */
  waiting(): number
  /** The whole of a file, by the name that it has here. */
  read(path: string): Promise<Buffer>
  stop(): Promise<void>
}

const pieces = 8

export async function startSlowFiles(): Promise<SlowFiles> {
  const sandbox = await startSandbox({ apiKey: 'upstream-key', imageMs: 20, videoMs: 20, callbacks: false })
  const behind = new URL(sandbox.baseUrl).origin
  let [isHeld, paceMs, waiting] = [false, 0, 0]
  const read = async (path: string) => Buffer.from(await (await fetch(behind + path)).arrayBuffer())

  const server = createServer((request, response) => {
    const answer = async () => {
      const path = request.url ?? ''
      if (path.startsWith('/media/')) {
        const file = await read(path)
        response.writeHead(200, { 'content-length': file.length })
        const size = Math.ceil(file.length / pieces)
        for (let piece = 0; piece < pieces; piece += 1) {
          if (isHeld && piece === pieces / 2) {
            waiting += 1
            return
          }
          response.write(file.subarray(piece * size, (piece + 1) * size))
          await setTimeout(paceMs)
        }
        response.end()
        return
      }
      const body: Buffer[] = []
      for await (const chunk of request) body.push(chunk as Buffer)
      const { authorization = '', source = '' } = request.headers as Record<string, string>
      const asked = await fetch(behind + path, {
        method: request.method ?? 'GET',
        headers: { authorization, source, 'content-type': 'application/json' },
        ...(body.length > 0 && { body: Buffer.concat(body) }),
      })
      const text = (await asked.text()).replaceAll(behind, origin)
      response.writeHead(asked.status, { 'content-type': 'application/json' }).end(text)
    }
    answer().catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    baseUrl: `${origin}/v1`,
    hold: (held) => (isHeld = held),
    pace: (ms) => (paceMs = ms),
    waiting: () => waiting,
    read,
    async stop() {
      server.closeAllConnections()
      server.close()
      await sandbox.close()
    },
  }
}
