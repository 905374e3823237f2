// OpenAI's SDK for Node and Vercel's AI SDK order pictures and videos, over connections that break as well.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { quickYaml, startGateway, until } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { ordered, ordersOf, png, signatureOf } from '../http/surfaces/openai/pictures.ts'
import { npmTools } from './installed.ts'
import { startLossyProxy } from './lossy-proxy.ts'
import type { LossyProxy } from './lossy-proxy.ts'

let gateway: Gateway
let proxy: LossyProxy
let customer: Customer
let sdk: any
let ai: any
let aiOpenai: any
let aiCompatible: any
beforeAll(async () => {
  const { folder } = await npmTools('openai', {
    openai: '7.59.0',
    ai: '7.0.173',
    '@ai-sdk/openai': '4.0.118',
    '@ai-sdk/openai-compatible': '3.0.92',
  })
  const load = createRequire(join(folder, 'package.json'))
  sdk = load('openai')
  ai = await import(load.resolve('ai'))
  aiOpenai = await import(load.resolve('@ai-sdk/openai'))
  aiCompatible = await import(load.resolve('@ai-sdk/openai-compatible'))
  // A picture takes longer than a client that is made impatient waits.
  gateway = await startGateway({
    yaml: `${quickYaml}surfaces: { openai: { wait_for: 2s } }`,
    sandbox: { imageMs: 3_000, videoMs: 500 },
  })
  proxy = await startLossyProxy(gateway.url)
})
afterAll(async () => {
  await proxy.close()
  await gateway.stop()
})
beforeEach(async () => {
  customer = await gateway.customer(1_000)
})

let prompts = 0
const newPrompt = () => `a heron ${(prompts += 1)}`

/** The requests that reach the gateway are counted at the client. */
function client(options: object = {}) {
  let requests = 0
  const counting = async (...args: Parameters<typeof fetch>) => {
    requests += 1
    return await fetch(...args)
  }
  const openai = new sdk.OpenAI({
    apiKey: customer.key,
    baseURL: `${proxy.url}/v1`,
    fetch: counting,
    ...options,
  })
  return { openai, requests: () => requests }
}

const spent = async () => 1_000 - (await customer.balance())
const picture = (base64: string) => signatureOf(Buffer.from(base64, 'base64'))

describe('openai', () => {
  test('a picture that takes longer than wait_for arrives by its retries, ordered and paid once', async () => {
    const prompt = newPrompt()
    const { openai, requests } = client()
    const { data, usage } = await openai.images.generate({ model: 'gpt-image-2', prompt, size: '1024x1024' })
    expect([picture(data[0].b64_json), usage.total_tokens]).toEqual(['PNG', 0])
    expect(requests()).toBeGreaterThan(1)
    expect([ordersOf(gateway, prompt).length, await spent()]).toEqual([1, 15])
  })

  test('an edit of two files', async () => {
    const prompt = newPrompt()
    const { openai } = client()
    const files = [await sdk.toFile(png, 'one.png', { type: 'image/png' }), await sdk.toFile(png, 'two.png')]
    const { data } = await openai.images.edit({ model: 'gpt-image-2', prompt, image: files })
    expect(picture(data[0].b64_json)).toBe('PNG')
    expect(ordersOf(gateway, prompt)[0]?.body['reference_images']).toHaveLength(2)
    expect([ordersOf(gateway, prompt).length, await spent()]).toEqual([1, 15])
  })

  test('a connection that is cut while the picture is made', async () => {
    const prompt = newPrompt()
    const { openai } = client({ maxRetries: 4 })
    const answer = openai.images.generate({ model: 'gpt-image-2', prompt })
    await ordered(gateway, prompt)
    proxy.cutAll()
    expect(picture((await answer).data[0].b64_json)).toBe('PNG')
    expect([ordersOf(gateway, prompt).length, await spent()]).toEqual([1, 15])
  })

  test('a client that gives up every second and tries again', async () => {
    const prompt = newPrompt()
    const { openai, requests } = client({ timeout: 1_000, maxRetries: 8 })
    const { data } = await openai.images.generate({ model: 'gpt-image-2', prompt })
    expect(picture(data[0].b64_json)).toBe('PNG')
    expect(requests()).toBeGreaterThan(1)
    expect([ordersOf(gateway, prompt).length, await spent()]).toEqual([1, 15])
  })

  test('an answer that was sent and never arrived', async () => {
    const prompt = newPrompt()
    const { openai } = client()
    proxy.swallow(1)
    const video = await openai.videos.create({ model: 'seedance-2', prompt, seconds: '4' })
    await until(
      async () => (await openai.videos.retrieve(video.id)).status,
      (status) => status === 'completed',
    )
    expect([ordersOf(gateway, prompt).length, await spent()]).toEqual([1, 40])
  })

  test('two equal requests at the same time are two pictures', async () => {
    const prompt = newPrompt()
    const { openai } = client()
    const ask = async () => (await openai.images.generate({ model: 'gpt-image-2', prompt })).data[0].b64_json
    const [one, other] = await Promise.all([ask(), ask()])
    expect(one).not.toBe(other)
    expect([ordersOf(gateway, prompt).length, await spent()]).toEqual([2, 30])
  })

  test('a picture that fails is an error of theirs, asked for once, and the credits come back', async () => {
    const { openai } = client({ maxRetries: 4 })
    const prompt = `${newPrompt()} will fail`
    const failed = openai.images.generate({ model: 'gpt-image-2', prompt })
    await expect(failed).rejects.toMatchObject({ status: 400, type: 'image_generation_user_error' })
    await expect(failed).rejects.toBeInstanceOf(sdk.OpenAI.BadRequestError)
    expect([ordersOf(gateway, prompt).length, await spent()]).toEqual([1, 0])
  })

  test.each([
    ['no credits', { n: 8, size: '4096x4096' }, 402, 'insufficient_quota', null],
    ['a model that is not sold', { model: 'dall-e-9' }, 404, 'model_not_found', 'model'],
    ['a mask', { mask: 'x' }, 400, null, 'mask'],
  ])('%s: an error at once, without a retry', async (what, fields, status, code, param) => {
    if (what === 'no credits') customer = await gateway.customer(100)
    const { openai, requests } = client()
    const refused = openai.images.generate({ model: 'gpt-image-2', prompt: newPrompt(), ...fields })
    await expect(refused).rejects.toMatchObject({ status, code, param })
    expect(requests()).toBe(1)
  })

  test('a stream of pictures, and one that fails', async () => {
    const patient = await startGateway({ sandbox: { imageMs: 500 } })
    try {
      const { key } = await patient.customer(1_000)
      const openai = new sdk.OpenAI({ apiKey: key, baseURL: `${patient.url}/v1` })
      const ask = { model: 'gpt-image-2', stream: true, n: 2 }
      const seen = []
      for await (const event of await openai.images.generate({ ...ask, prompt: 'a heron' })) seen.push(event)
      expect(seen.map(({ type, b64_json }) => [type, picture(b64_json)])).toEqual([
        ['image_generation.completed', 'PNG'],
        ['image_generation.completed', 'PNG'],
      ])
      const failing = async () => {
        for await (const event of await openai.images.generate({ ...ask, prompt: 'fail' })) seen.push(event)
      }
      await expect(failing()).rejects.toBeInstanceOf(sdk.OpenAI.APIError)
    } finally {
      await patient.stop()
    }
  })

  test('a video: created, polled, listed, downloaded, deleted', async () => {
    const { openai } = client()
    const input = await sdk.toFile(png, 'first.png', { type: 'image/png' })
    const created = await openai.videos.create({
      model: 'seedance-2',
      prompt: newPrompt(),
      seconds: '4',
      size: '1280x720',
      input_reference: input,
    })
    expect(created).toMatchObject({ object: 'video', seconds: '4', size: '1280x720' })
    const { status } = await until(
      async () => await openai.videos.retrieve(created.id),
      (video) => video.status === 'completed',
    )
    expect(status).toBe('completed')
    const bytes = Buffer.from(await (await openai.videos.downloadContent(created.id)).arrayBuffer())
    expect(bytes.toString('latin1', 4, 8)).toBe('ftyp')
    const second = await openai.videos.create({ model: 'seedance-2', prompt: newPrompt(), seconds: 4 })
    const listed = []
    for await (const video of openai.videos.list({ limit: 1 })) listed.push(video.id)
    expect(listed).toEqual([second.id, created.id])
    expect(await openai.videos.delete(created.id)).toMatchObject({ id: created.id, deleted: true })
    await expect(openai.videos.retrieve(created.id)).rejects.toMatchObject({ status: 404 })
  })

  test('the models', async () => {
    const { openai } = client()
    const ids = []
    for await (const { id } of await openai.models.list()) ids.push(id)
    expect(ids).toContain('gpt-image-2')
    expect(await openai.models.retrieve('gpt-image-2')).toMatchObject({ id: 'gpt-image-2', object: 'model' })
  })
})

describe('the AI SDK', () => {
  const providers = () => {
    const settings = { apiKey: customer.key, baseURL: `${proxy.url}/v1`, name: 'tollgate' }
    return {
      openai: aiOpenai.createOpenAI(settings),
      'openai-compatible': aiCompatible.createOpenAICompatible(settings),
    }
  }
  const modelOf = (name: string) => {
    const provider = (providers() as any)[name]
    return (provider.image ?? provider.imageModel)('gpt-image-2')
  }

  test.each(['openai', 'openai-compatible'])(
    '%s: two pictures, which take longer than wait_for',
    async (name) => {
      const prompt = newPrompt()
      const { images } = await ai.generateImage({ model: modelOf(name), prompt, n: 2, maxRetries: 4 })
      expect(images.map((one: any) => [one.mediaType, picture(one.base64)])).toEqual([
        ['image/png', 'PNG'],
        ['image/png', 'PNG'],
      ])
      const works = ordersOf(gateway, prompt).flatMap(({ taskIds }) => taskIds)
      expect([works.length, await spent()]).toEqual([2, 30])
    },
  )

  test.each(['openai', 'openai-compatible'])('%s: an edit', async (name) => {
    const prompt = newPrompt()
    const asked = { text: prompt, images: [png] }
    const { images } = await ai.generateImage({ model: modelOf(name), prompt: asked, maxRetries: 4 })
    expect(images).toHaveLength(1)
    expect(ordersOf(gateway, prompt)[0]?.body['reference_images']).toHaveLength(1)
    expect([ordersOf(gateway, prompt).length, await spent()]).toEqual([1, 15])
  })

  test.each(['openai', 'openai-compatible'])(
    '%s: a picture that fails is an error, ordered once',
    async (name) => {
      const prompt = `${newPrompt()} will fail`
      await expect(ai.generateImage({ model: modelOf(name), prompt, maxRetries: 4 })).rejects.toMatchObject({
        message: expect.stringContaining('credits came back'),
      })
      expect([ordersOf(gateway, prompt).length, await spent()]).toEqual([1, 0])
    },
  )
})
