// A gateway that keeps results, before an upstream whose files a test makes as it likes.
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { neverLate, verifyLedger } from '../../src/ledger/verify.ts'
import { keepResult } from '../../src/tasks/results/store-result.ts'
import { passOnWaiting } from '../../src/tasks/results/pass-on.ts'
import { claimKeeps } from '../../src/tasks/results/downloads.ts'
import { claimOldFiles } from '../../src/worker/files/removals.ts'
import { submit, claimSubmissions } from '../../src/tasks/submit/submit.ts'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { pollTask } from '../../src/tasks/poll/poll.ts'
import { pollsOf } from '../../src/tasks/poll/rows.ts'
import type { TaskRow } from '../../src/tasks/store.ts'
import { expiryTime } from '../../src/expiry.ts'
import { viewTask } from '../../src/tasks/read/view.ts'
import { storeAt } from '../../src/db/store-at.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

export const publicUrl = 'https://gate.example'

const probeFile = /(^|\/)probe[0-9A-Za-z]{27}\.txt$/

/** A picture that is served by us. */
export const ours = /^https:\/\/gate\.example\/media\/[0-9A-Za-z]{32}\.png$/

export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
export const mp4 = Buffer.concat([
  Buffer.from('000000186674797069736f6d0000020069736f6d69736f32', 'hex'),
  Buffer.alloc(200_000, 7),
])
export const html = Buffer.from('<!doctype html><html><script>alert(1)</script></html>')
export const svg = Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>')

type Serve = (request: IncomingMessage, response: ServerResponse) => void

export const bytes =
  (body: Buffer, headers: Record<string, string> = {}): Serve =>
  (_request, response) =>
    void response.writeHead(200, { 'content-length': String(body.length), ...headers }).end(body)

export const status =
  (code: number): Serve =>
  (_request, response) =>
    void response.writeHead(code).end()

/** Says that there is more than it sends. */
export const cutOff: Serve = (_request, response) => {
  response.writeHead(200, { 'content-length': String(png.length + 10) })
  response.write(png)
  setTimeout(() => response.destroy(), 20)
}

export interface Files {
  readonly origin: string
  /** By path; what is not there is 404. */
  readonly serve: Record<string, Serve>
  /** Paths as they were asked for. */
  readonly asked: string[]
}

export async function startFiles(): Promise<Files> {
  const serve: Record<string, Serve> = {}
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const answer = serve[path] ?? status(404)
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, serve, asked }
}

export interface MediaHarness extends DomainHarness {
  readonly files: Files
  /** Orders a task whose result the upstream has under these paths, and polls it to its success. */
  made(result?: { image?: string; video?: string; thumbnail?: string }): Promise<string>
  task(id: string): Promise<TaskRow>
  view(id: string): Promise<ReturnType<typeof viewTask>>
  /** One turn of the loop: keeps what is due to be kept, and removes what is due to go. */
  turn(): Promise<void>
  /** The files that are kept, and those that are being written. */
  /** The next poll of a running task. */
  pollAgain(id: string): Promise<void>
  onDisk(): { readonly kept: string[]; readonly incoming: string[] }
}

const yamlFor = (origin: string, media: string, giveUpAfter: string) => `
upstreams:
  keevx:
    base_url: ${origin}/v1
    image: { poll_every: 30ms, give_up_after: ${giveUpAfter} }
    video: { poll_every: 30ms, give_up_after: ${giveUpAfter} }
media: { ${media} }
`

export interface MediaHarnessOptions {
  readonly media?: string
  readonly publicUrl?: string
  /** Twenty minutes where it is left out. */
  readonly giveUpAfter?: string
}

export async function openMediaHarness(options: MediaHarnessOptions = {}): Promise<MediaHarness> {
  const files = await startFiles()
  const domain = await openDomainHarness({
    yaml: yamlFor(
      files.origin,
      options.media ?? 'store: disk, retention: 10d, max_bytes: 1MB',
      options.giveUpAfter ?? '20m',
    ),
    publicUrl: options.publicUrl ?? publicUrl,
  })
  const { ctx, clock } = domain
  const task = async (id: string): Promise<TaskRow> => {
    const rows = await ctx.db.read.select().from(ctx.db.read.tables.tasks)
    const found = rows.find((row) => row.id === id)
    if (!found) throw new Error('no such task')
    return found
  }
  const ongoing = new AbortController().signal
  return Object.assign(domain, {
    files,
    task,
    view: async (id: string) => viewTask(await task(id), expiryTime(domain.ctx)),
    async made({ image, video, thumbnail }: { image?: string; video?: string; thumbnail?: string } = {}) {
      const place = (path?: string) => (path === undefined ? null : new URL(path, files.origin).href)
      const imageUrl = place(video === undefined ? (image ?? '/a.png') : undefined)
      const measures = { width: 1, height: 1, durationSeconds: null }
      const result = { imageUrl, videoUrl: place(video), thumbnailUrl: place(thumbnail), ...measures }
      domain.seen = () => ({ kind: 'succeeded', result })
      const created = await domain.order(
        await domain.account(1_000),
        1,
        video === undefined ? 'image' : 'video',
      )
      for (const each of await claimSubmissions(ctx, domain.keevx, 1)) await submit(ctx, each, ongoing)
      clock.advance(60_000)
      for (const each of await claimPolls(ctx, 10)) await pollTask(ctx, each, ongoing)
      return created.taskIds[0] ?? ''
    },
    async pollAgain(id: string) {
      const poll = (await pollsOf(ctx.db.read, [id])).get(id)
      clock.advance(Math.max(0, (poll?.dueAt ?? 0) - clock.now()))
      for (const each of await claimPolls(ctx, 10)) await pollTask(ctx, each, ongoing)
    },
    async turn() {
      await passOnWaiting(ctx)
      for (const keep of await claimKeeps(ctx, 10)) await keepResult(ctx, keep, ongoing)
      for (const remove of await claimOldFiles(ctx, 10)) await remove()
    },
    onDisk: () => onDisk(ctx.config.dataDir),
  })
}

/**
 * A file may go while the folder is listed: only what the listing itself says of it counts. The file by which the
 * gateway tries its store is no result; a killed gateway may leave it there until it is swept as a stray.
 */
export function onDisk(dataDir: string): { kept: string[]; incoming: string[] } {
  const root = join(dataDir, 'media')
  const all = existsSync(root) ? readdirSync(root, { recursive: true, withFileTypes: true }) : []
  const files = all
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)))
    .filter((path) => !probeFile.test(path))
  const isIncoming = (path: string) => path.startsWith('incoming')
  return { kept: files.filter((path) => !isIncoming(path)), incoming: files.filter(isIncoming) }
}

export async function expectWhole({ store }: MediaHarness): Promise<void> {
  expect(await verifyLedger(storeAt(store.databaseUrl).lookAt(), Date.now(), neverLate)).toMatchObject({
    ok: true,
    drift: [],
  })
}

/** Of a server over the harness's store: nothing works beside it. */
export const readiness = {
  sandbox: false,
  stuckLoops: () => null,
  started: () => true,
  stopping: () => false,
  storeFailed: () => false,
  testKeys: () => null,
  memory: { limitBytes: null, usedBytes: () => null },
  auditor: {
    verify: async () => await Promise.reject(new Error('none')),
    last: () => null,
    stop: async () => {},
  },
}
