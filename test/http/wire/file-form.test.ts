// A form is refused as soon as that can be known, and what had been received of it before is not left on disk.
import { statSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { RequestPayload } from 'fastify'
import { expect, test } from 'vitest'
import { readFileForm } from '../../../src/http/bodies/file-form.ts'
import { onDisk, png } from '../../media/media-harness.ts'
import { until } from '../../support/gateway.ts'
import { openDomainHarness } from '../../support/domain-harness.ts'

const type = 'multipart/form-data; boundary=x'
const payload = (pieces: Iterable<Buffer> | AsyncIterable<Buffer>) =>
  Readable.from(pieces, { objectMode: false }) as unknown as RequestPayload
const part = (headers: string, content: string | Buffer) =>
  Buffer.concat([Buffer.from(`--x\r\n${headers}\r\n\r\n`), Buffer.from(content), Buffer.from('\r\n')])
const field = part('Content-Disposition: form-data; name="purpose"', 'vision')
const file = part('Content-Disposition: form-data; name="file"; filename="a.png"', png)

const pieces = 2_000

test.each<[string, Buffer]>([
  ['a field', field],
  ['a file by another name', part('Content-Disposition: form-data; name="a"; filename="a.png"', png)],
  ['a second part', Buffer.concat([file, field])],
])('%s is refused when it has come, whatever follows', async (_name, parts) => {
  const { ctx } = await openDomainHarness()
  let read = 0
  function* body() {
    yield Buffer.concat([parts, Buffer.from('--x--\r\n')])
    for (; read < pieces; read += 1) yield Buffer.alloc(1_000, ' ')
  }
  await expect(readFileForm(ctx, payload(body()), { contentType: type })).rejects.toMatchObject({
    type: 'invalid_request',
    field: 'file',
  })
  // A stream reads a little ahead.
  expect(read).toBeLessThan(pieces / 2)
})

test.each<[string, Buffer | null, object]>([
  ['a field comes behind it', field.subarray('--x'.length), { type: 'invalid_request', field: 'file' }],
  ['a file comes behind it', file.subarray('--x'.length), { type: 'invalid_request', field: 'file' }],
  ['the client goes', null, { name: 'SyntaxError' }],
])('a file that had come whole is not left on disk where %s', async (_name, rest, refusal) => {
  const { ctx } = await openDomainHarness()
  const incoming = join(ctx.config.dataDir, 'media', 'incoming')
  async function* body() {
    yield Buffer.concat([file, Buffer.from('--x')])
    await until(
      () =>
        onDisk(ctx.config.dataDir).incoming.map(
          (name) => statSync(join(ctx.config.dataDir, 'media', name)).size,
        ),
      ([size]) => size === png.length,
    )
    // It is closed after it was written: the disk has a turn for that.
    for (let turns = 0; turns < 20; turns += 1) await stat(incoming)
    if (!rest) throw new Error('reset')
    yield rest
  }
  await expect(readFileForm(ctx, payload(body()), { contentType: type })).rejects.toMatchObject(refusal)
  expect(await readdir(incoming)).toEqual([])
})
