// Every order that a mode allows is accepted by the strict Keevx of the sandbox, and ends with a result.
import { Readable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { builtinModels } from '../../src/catalog/builtin.ts'
import type { Order } from '../../src/upstream/adapter.ts'
import { keevxMode } from '../../src/upstream/keevx/modes.ts'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { adapterFor } from './stand-in.ts'

const signal = new AbortController().signal

/** Every mode that is sold, each once. */
const routes = [
  ...new Map(
    Object.values(builtinModels('keevx'))
      .flatMap((model) => model.routes)
      .map(({ operation, params }) => [JSON.stringify([operation, params]), [operation, params] as const]),
  ).values(),
]

/** All shapes, numbers of images and seconds; ratios, resolutions, counts and sound take turns. */
function ordersOf(operation: string, params: Record<string, string>): Order[] {
  const mode = keevxMode(operation, params)
  if (!mode) throw new Error(`no mode for ${operation}`)
  const orders: Order[] = []
  const turn = <T>(list: readonly T[]): T => list[orders.length % list.length] as T
  for (const shape of mode.shapes) {
    for (let images = shape.images.min; images <= shape.images.max; images += 1) {
      for (const durationSeconds of shape.durations.length > 0 ? shape.durations : [null]) {
        // As many rounds as the longest list, so that every ratio, resolution and count has its turn.
        for (let round = 0; round < mode.aspectRatios.length + mode.countMax; round += 1) {
          orders.push({
            operation,
            params,
            prompt: `p ${orders.length}`,
            imageUrls: Array.from({ length: images }, (_, at) => `https://example.com/${at}.png`),
            endImageUrl: shape.endImage ? 'https://example.com/end.png' : null,
            aspectRatio: turn(mode.aspectRatios),
            resolution: turn(mode.resolutions),
            durationSeconds,
            generateAudio: shape.audio ? turn([true, false, null]) : null,
            count: 1 + (orders.length % mode.countMax),
          })
        }
      }
    }
  }
  return orders
}

async function sandbox(): Promise<Sandbox> {
  const started = await startSandbox({ apiKey: 'kx-sandbox-key', imageMs: 1, videoMs: 1, callbacks: false })
  onTestFinished(() => started.close())
  return started
}

test.each(routes)(
  '%s %j: every allowed order is accepted with as many ids as outputs',
  async (operation, params) => {
    const keevx = await sandbox()
    const adapter = adapterFor('', { baseUrl: keevx.baseUrl, submitTimeoutMs: 5000 })
    for (const order of ordersOf(operation, params)) {
      const outcome = await adapter.submit(order, {
        key: keevx.apiKey,
        signal,
        orderKey: 'req_1-1',
        callbackUrl: 'http://127.0.0.1:1/cb',
      })
      expect(outcome, JSON.stringify(order)).toMatchObject({ kind: 'accepted' })
      expect(outcome.kind === 'accepted' && outcome.taskIds).toHaveLength(order.count)
    }
  },
)

test.each(routes)(
  '%s %j: a task succeeds with a URL, fails with a reason, and may be missing',
  async (operation, params) => {
    const keevx = await sandbox()
    const adapter = adapterFor('', { baseUrl: keevx.baseUrl, submitTimeoutMs: 5000, queryTimeoutMs: 5000 })
    const options = { key: keevx.apiKey, signal }
    const outcomes = await Promise.all(
      ordersOf(operation, params)
        .slice(0, 2)
        .map((order) => adapter.submit(order, { ...options, orderKey: 'req_1-1', callbackUrl: null })),
    )
    const [good = '', bad = ''] = outcomes.map((outcome) =>
      outcome.kind === 'accepted' ? outcome.taskIds[0] : '',
    )
    keevx.finish(good, 'SUCCEEDED')
    keevx.finish(bad, 'FAILED')
    const look = (upstreamTaskId: string) => adapter.fetch({ operation, upstreamTaskId }, options)
    const succeeded = await look(good)
    const url = expect.stringMatching(/^http:\/\/127\.0\.0\.1/)
    const expected =
      operation === 'image_generate' ? { imageUrl: url, videoUrl: null } : { imageUrl: null, videoUrl: url }
    expect(succeeded).toMatchObject({ kind: 'succeeded', result: expected })
    expect(await look(bad)).toMatchObject({ kind: 'failed', reason: expect.stringMatching(/\w/) })
    keevx.forget(good)
    expect(await look(good)).toMatchObject({ kind: 'missing' })
    expect(await adapter.fetch({ operation, upstreamTaskId: bad }, { key: 'wrong', signal })).toMatchObject({
      kind: 'key_rejected',
    })
  },
)

test('an upload is stored, and a wrong key is no word about the file', async () => {
  const keevx = await sandbox()
  const adapter = adapterFor('', { baseUrl: keevx.baseUrl, uploadTimeoutMs: 5000 })
  const png =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  const content = Buffer.from(png, 'base64')
  const bytes = content.length
  const file = { open: () => Readable.from([content]), bytes, fileName: 'a.png', mediaType: 'image/png' }
  expect(await adapter.upload(file, { key: keevx.apiKey, signal })).toMatchObject({ kind: 'stored' })
  expect(await adapter.upload(file, { key: 'wrong', signal })).toMatchObject({ kind: 'unavailable' })
})
