// Readers of media who do not read hold a bounded number of descriptors, for a bounded time, and others get their files.
import { readdirSync, readlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { buildServer } from '../../src/http/server.ts'
import { until } from '../support/gateway.ts'
import { bytes, mp4, openMediaHarness, readiness } from './media-harness.ts'
import type { MediaHarness } from './media-harness.ts'

/** More than the system takes off our hands for a reader who takes nothing. */
const film = Buffer.concat([mp4, Buffer.alloc(16_000_000, 7)])
const descriptorsMax = 16
const readers = 40

async function serving(harness: MediaHarness, path: string): Promise<URL> {
  const connections = { descriptorsMax, checkEveryMs: 20, stalledAfterMs: 40, idleWriteTimeoutMs: 2_000 }
  const server = await buildServer(harness.ctx, readiness, { connections })
  onTestFinished(async () => {
    server.server.closeAllConnections()
    await server.close()
  })
  return new URL(path, await server.listen({ host: '127.0.0.1', port: 0 }))
}

/** How often this process has the file open. */
function opened(name: string): number {
  const paths = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return ''
    }
  })
  return paths.filter((path) => path.endsWith(name)).length
}

/** Asks for the file from the second address of loopback, and takes nothing of it. */
function deafReader({ host, port, pathname }: URL): void {
  const socket = connect({ host: '127.0.0.1', port: Number(port), localAddress: '127.0.0.2' })
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
}

test('forty readers who take nothing keep no file from another one, and are cut off', async () => {
  const harness = await openMediaHarness({ media: 'store: disk, retention: 10d, max_bytes: 30MB' })
  harness.files.serve['/v.mp4'] = bytes(film)
  const id = await harness.made({ video: '/v.mp4' })
  await harness.turn()
  const path = new URL((await harness.view(id)).video_url ?? '').pathname
  const name = path.split('/').at(-1) ?? ''
  const url = await serving(harness, path)

  for (let reader = 0; reader < readers; reader += 1) deafReader(url)
  let most = 0
  const watching = setInterval(() => (most = Math.max(most, opened(name))), 5)
  onTestFinished(() => clearInterval(watching))
  await until(
    () => most,
    (count) => count >= 2,
  )
  const read = async () => {
    const answer = await fetch(url).catch(() => null)
    return answer?.status === 200 ? (await answer.arrayBuffer()).byteLength : null
  }
  // It is refused for as long as nobody has taken nothing for long enough; then they make room for it.
  expect(await until(read, (seen) => seen !== null)).toBe(film.length)
  await until(
    () => opened(name),
    (count) => count === 0,
  )
  // Each has its connection beside it.
  expect(most).toBeLessThanOrEqual(descriptorsMax / 2)
})
