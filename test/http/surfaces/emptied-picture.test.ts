// A picture whose URL was lost on the way is no order of a text to video, in whichever shape it comes.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway } from '../../support/gateway.ts'
import type { Customer, Gateway } from '../../support/gateway.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway()
  customer = await gateway.customer(10_000)
})
afterAll(async () => await gateway.stop())

const inShape = {
  tasks: (image: unknown, model: string) => ({
    path: '/api/v1/tasks/create',
    body: { model_id: model, prompt: 'a heron', image_urls: image },
  }),
  replicate: (image: unknown, model: string) => ({
    path: `/replicate/v1/models/a/${model}/predictions`,
    body: { input: { prompt: 'a heron', image } },
  }),
  kie: (image: unknown, model: string) => ({
    path: '/api/v1/jobs/createTask',
    body: { model: `kling/${model}`, input: { prompt: 'a heron', image_url: image } },
  }),
  openai: (image: unknown, model: string) => ({
    path: '/v1/videos',
    body: { model, prompt: 'a heron', input_reference: image },
  }),
} as const

const shapes = Object.keys(inShape) as (keyof typeof inShape)[]

async function ordered(shape: keyof typeof inShape, image: unknown, model = 'keevx-s') {
  const before = await customer.balance()
  const { path, body } = inShape[shape](image, model)
  const { text } = await gateway.call('POST', path, { key: customer.key, body })
  return { text, paid: before - (await customer.balance()) }
}

test.each(shapes)('%s: empty text where a picture belongs costs nothing, and is named', async (shape) => {
  for (const image of ['', '  ']) {
    const { text, paid } = await ordered(shape, image)
    expect(text).toMatch(image === '' ? /first frame of the text/ : /first frame of the text|must be a URL/)
    expect(text).toMatch(/image_urls|input\.image|input_reference/)
    expect(paid, text).toBe(0)
  }
})

test.each(shapes)('%s: no picture at all is a text to video with a first frame', async (shape) => {
  expect((await ordered(shape, undefined)).paid).toBe(34)
})

test.each(shapes)(
  '%s: where a text alone needs no first frame, empty text is a picture left out',
  async (shape) => {
    expect((await ordered(shape, '', 'seedance-2')).paid).toBeGreaterThan(0)
  },
)
