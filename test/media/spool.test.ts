// What is written to disk as it comes: bounded, judged by its first bytes, whole or not there, and never read at once.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { imageTypeOf, uploadTypeOf, videoTypeOf, WrongKind } from '../../src/media/file-types.ts'
import { spool, TooLong } from '../../src/media/spool.ts'
import { bytes, html, mp4, openMediaHarness, png, svg } from './media-harness.ts'

const once = { maxBytes: 10_000, typeOf: imageTypeOf, expectedBytes: null, isKept: false }

async function* pieces(whole: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size)
}

test('a file is there whole when it is there, with its sum, its type and its length', async () => {
  const harness = await openMediaHarness()
  const whole = Buffer.concat([png, Buffer.alloc(9_000, 5)])
  for (const size of [1, 100, 4_100, 9_999]) {
    const file = await spool(harness.ctx, pieces(whole, size), once)
    expect(readFileSync(file.path).equals(whole)).toBe(true)
    expect(file).toMatchObject({ bytes: whole.length, kind: { contentType: 'image/png', extension: 'png' } })
    await file.discard()
  }
  expect(harness.onDisk().incoming).toEqual([])
})

test('a byte more than may be, and one fewer or more than was said, leave nothing', async () => {
  const harness = await openMediaHarness()
  const { ctx } = harness
  const whole = Buffer.concat([png, Buffer.alloc(10_000 - png.length, 5)])
  await (await spool(ctx, pieces(whole, 100), once)).discard()
  await expect(spool(ctx, pieces(Buffer.concat([whole, png]), 100), once)).rejects.toThrow(TooLong)
  for (const expectedBytes of [9_999, 10_001]) {
    await expect(spool(ctx, pieces(whole, 100), { ...once, expectedBytes })).rejects.toThrow(
      '10000 bytes came',
    )
  }
  await expect(spool(ctx, pieces(html, 10), once)).rejects.toThrow(WrongKind)
  expect(harness.onDisk().incoming).toEqual([])
})

test('what is wrong is known by its first bytes, and the rest is not waited for', async () => {
  const harness = await openMediaHarness()
  let asked = 0
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) {
      asked += 1
      yield Buffer.alloc(1_000, 60)
    }
  }
  await expect(spool(harness.ctx, endless(), { ...once, maxBytes: 1e9 })).rejects.toThrow(WrongKind)
  expect(asked).toBeLessThan(10)
})

test('pictures and videos are told from one another, and from everything that could be run', async () => {
  const typeChecks = [imageTypeOf, videoTypeOf, uploadTypeOf]
  const verdicts = async (head: Buffer) =>
    await Promise.all(
      typeChecks.map(
        async (judge) =>
          await judge(head).then(
            (kind) => kind.contentType,
            () => null,
          ),
      ),
    )
  const bmp = Buffer.from(
    `424d3a000000000000003600000028000000${'01000000'.repeat(2)}01001800${'00'.repeat(28)}`,
    'hex',
  )
  expect(await verdicts(png)).toEqual(['image/png', null, 'image/png'])
  expect(await verdicts(mp4)).toEqual([null, 'video/mp4', null])
  expect(await verdicts(bmp)).toEqual([null, null, 'image/bmp'])
  const never = [html, svg, Buffer.alloc(0), Buffer.from('%PDF-1.7\n'), Buffer.from('<svg/>')]
  for (const head of never) expect(await verdicts(head)).toEqual([null, null, null])
})

test('a part of a file, though it is asked for whole, is not kept', async () => {
  const harness = await openMediaHarness()
  harness.files.serve['/a.png'] = (_request, response) => void response.writeHead(206).end(png)
  const id = await harness.made()
  await harness.turn()
  expect((await harness.task(id)).state).toBe('storing')
  expect(harness.onDisk()).toEqual({ kept: [], incoming: [] })
})

test('nor one that came packed', async () => {
  const harness = await openMediaHarness()
  harness.files.serve['/a.png'] = bytes(png, { 'content-encoding': 'gzip' })
  await harness.made()
  await harness.turn()
  expect(harness.onDisk()).toEqual({ kept: [], incoming: [] })
})

test('another service of this machine is not asked, whatever the upstream names', async () => {
  const harness = await openMediaHarness()
  let asked = 0
  const inside = createServer((_request, response) => {
    asked += 1
    response.end(png)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => inside.once('listening', resolve))
  const { port } = inside.address() as { port: number }
  for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '0x7f.1']) {
    const image = `http://${host}:${port}/a.png`
    const id = await harness.made({ image })
    await harness.turn()
    expect(await harness.view(id)).toMatchObject({ task_status: 2, image_url: null })
  }
  // Nor where an address has become one of ours since it was judged.
  const id = await harness.made()
  await harness.ctx.db.transaction(async (tx) => {
    const { tasks } = tx.tables
    await tx
      .update(tasks)
      .set({ imageUrl: `http://127.0.0.1:${port}/a.png` })
      .where(eq(tasks.id, id))
  })
  await harness.turn()
  expect((await harness.task(id)).state).not.toBe('succeeded')
  expect(asked).toBe(0)
  inside.close()
})
