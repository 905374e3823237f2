// What an order may cost is settled before it is charged: by a quote that holds for ten minutes, and by `max_credits`.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { keyFileIn } from '../../src/webhooks/signing/sealing.ts'
import { manualClock } from '../support/clock.ts'
import { quickYaml, startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { failure, seen } from './expectations.ts'

const clock = manualClock()
const model = (credits: number) =>
  `${quickYaml}models:\n  pictures:\n    name: Pictures\n    capability: image\n    price: { credits: ${credits}, times: { resolution: { 4K: 2 } } }\n    routes: [{ upstream: keevx, operation: image_generate, params: { module: pro } }]\n`
let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ clock, yaml: model(10) })
  gateway.sandbox.freeze('all')
})
afterAll(async () => await gateway.stop())

const picture = { model_id: 'pictures', prompt: 'a zen garden' }
const png =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='

const uploads = () => gateway.sandbox.requests.get('POST /v1/figure-resource/upload/file') ?? 0

async function priceOf(credits: number): Promise<void> {
  writeFileSync(join(gateway.folder, 'tollgate.yaml'), model(credits))
  expect((await gateway.operator('POST', '/models/reload')).json.code).toBe(200)
}

/** The data of a quote. */
async function quote(customer: Customer, body: unknown = picture): Promise<any> {
  const { json } = await gateway.call('POST', '/api/v1/quote', { key: customer.key, body })
  expect(json.code).toBe(200)
  return json.data
}

/** What a create is answered, and what it cost. */
async function tried(customer: Customer, body: unknown): Promise<unknown> {
  const before = await customer.balance()
  const answer = seen(await customer.create(body))
  return { answer, charged: before - (await customer.balance()) }
}

const refusedFor = (field: string) => ({ answer: failure({ type: 'invalid_request', field }), charged: 0 })

describe('a quote', () => {
  test('is what the create is charged that names it, though the price has doubled since', async () => {
    await priceOf(10)
    const customer = await gateway.customer(1_000)
    const two = { ...picture, generate_count: 2 }
    const { credits, quote_id, expires_at } = await quote(customer, two)
    expect([credits, expires_at]).toEqual([20, Math.floor(clock.now() / 1000) + 600])
    await priceOf(20)
    const created = await customer.create({ ...two, prompt: 'another prompt', quote_id })
    expect(created.json).toMatchObject({ code: 200, data: { credits: 20 } })
    expect(await customer.balance()).toBe(980)
    const { entries } = (await customer.get('/ledger')).json.data
    expect(entries.slice(0, 2).map((entry: any) => entry.amount)).toEqual([-10, -10])
    const unquoted = await customer.create(two)
    expect(unquoted.json.data.credits).toBe(40)
  })

  test('does not keep the price up that has fallen since', async () => {
    await priceOf(10)
    const customer = await gateway.customer(1_000)
    const { quote_id } = await quote(customer)
    await priceOf(4)
    expect((await customer.create({ ...picture, quote_id })).json.data.credits).toBe(4)
  })

  test('holds for a picture in the body too, and outlives a restart', async () => {
    await priceOf(10)
    const customer = await gateway.customer(1_000)
    const { quote_id } = await quote(customer, { ...picture, image_urls: [png] })
    await priceOf(20)
    await gateway.restart()
    const created = await customer.create({ ...picture, image_urls: [png], quote_id })
    expect(created.json).toMatchObject({ code: 200, data: { credits: 10 } })
  })

  test('holds for ten minutes, and not a moment longer', async () => {
    await priceOf(10)
    const customer = await gateway.customer(1_000)
    const { quote_id } = await quote(customer)
    clock.advance(600_000 - 1)
    expect((await customer.create({ ...picture, quote_id })).json.code).toBe(200)
    clock.advance(1)
    expect(await tried(customer, { ...picture, quote_id })).toEqual(refusedFor('quote_id'))
  })

  test.each([
    ['another resolution', { resolution: '4K' }],
    ['another count', { generate_count: 2 }],
    ['another aspect ratio', { aspect_ratio: '16:9' }],
  ])('is refused for %s', async (_what, change) => {
    const customer = await gateway.customer(1_000)
    const { quote_id } = await quote(customer)
    expect(await tried(customer, { ...picture, ...change, quote_id })).toEqual(refusedFor('quote_id'))
  })

  test('is refused from another account, and with a price, time or mark that was changed', async () => {
    const [one, other] = [await gateway.customer(1_000), await gateway.customer(1_000)]
    const { quote_id } = await quote(one)
    expect(await tried(other, { ...picture, quote_id })).toEqual(refusedFor('quote_id'))
    const [word, expires, each, ...mark] = quote_id.split('_')
    const changed = [
      [word, expires, '1', ...mark],
      [word, `${expires}0`, each, ...mark],
      [word, expires, each, 'A'.repeat(32)],
      ['nonsense'],
      [word, expires, each],
    ]
    for (const parts of changed)
      expect(await tried(one, { ...picture, quote_id: parts.join('_') })).toEqual(refusedFor('quote_id'))
    expect(await tried(one, { ...picture, quote_id: 5 })).toEqual(refusedFor('quote_id'))
  })

  test('that is empty or null is none', async () => {
    const customer = await gateway.customer(1_000)
    expect((await customer.create({ ...picture, quote_id: ' ' })).json.code).toBe(200)
    expect((await customer.create({ ...picture, quote_id: null })).json.code).toBe(200)
  })

  test('that cannot be checked charges nothing; prices are told and orders taken without it', async () => {
    await priceOf(10)
    const customer = await gateway.customer(1_000)
    const { quote_id } = await quote(customer)
    const file = keyFileIn(join(gateway.folder, 'data'))
    const kept = readFileSync(file)
    onTestFinished(() => writeFileSync(file, kept))
    writeFileSync(file, 'no key')
    const refused = await customer.create({ ...picture, quote_id })
    expect([refused.status, refused.json.error.type]).toEqual([503, 'unavailable'])
    expect(await customer.balance()).toBe(1_000)
    expect(await quote(customer)).toEqual({ credits: 10, quote_id: null, expires_at: null })
    expect((await customer.create({ ...picture, max_credits: 10 })).json.code).toBe(200)
  })
})

describe('max_credits', () => {
  test('refuses what costs more in all, before anything is charged', async () => {
    await priceOf(10)
    const customer = await gateway.customer(1_000)
    expect(await tried(customer, { ...picture, max_credits: 9 })).toEqual(refusedFor('max_credits'))
    expect(await tried(customer, { ...picture, generate_count: 2, max_credits: 19 })).toEqual(
      refusedFor('max_credits'),
    )
    const before = uploads()
    expect(await tried(customer, { ...picture, image_urls: [png], max_credits: 0 })).toEqual(
      refusedFor('max_credits'),
    )
    expect(uploads()).toBe(before)
    const { json } = await customer.create({ ...picture, generate_count: 2, max_credits: '20' })
    expect(json).toMatchObject({ code: 200, data: { credits: 20 } })
  })

  test('is compared with the price of the quote, where there is one', async () => {
    await priceOf(10)
    const customer = await gateway.customer(1_000)
    const { quote_id } = await quote(customer)
    await priceOf(20)
    expect(await tried(customer, { ...picture, max_credits: 10 })).toEqual(refusedFor('max_credits'))
    expect((await customer.create({ ...picture, quote_id, max_credits: 10 })).json.data.credits).toBe(10)
  })

  test.each([-1, 1.5, 'many', true, [10]])('is a whole number: %j', async (max_credits) => {
    const customer = await gateway.customer(1_000)
    expect(await tried(customer, { ...picture, max_credits })).toEqual(refusedFor('max_credits'))
  })
})
