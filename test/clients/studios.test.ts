// The image tool of LangChain, and the core with which Cherry Studio asks providers.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { quickYaml, startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { ordersOf, signatureOf } from '../http/surfaces/openai/pictures.ts'
import { npmTools } from './installed.ts'

let gateway: Gateway
let customer: Customer
let langchain: any
let cherry: any
beforeAll(async () => {
  const { folder } = await npmTools('studios', {
    '@langchain/openai': '1.6.0',
    '@langchain/core': '1.4.0',
    '@cherrystudio/ai-core': '2.0.1',
    '@ai-sdk/openai': '3.0.141',
    '@ai-sdk/google': '3.0.141',
    ai: '6.0.326',
  })
  const load = createRequire(join(folder, 'package.json'))
  langchain = load('@langchain/openai')
  // What its package names for `require` is not in it.
  const core = join(folder, 'node_modules/@cherrystudio/ai-core/dist/index.mjs')
  cherry = await import(pathToFileURL(core).href)
  gateway = await startGateway({ yaml: quickYaml, sandbox: { imageMs: 200, videoMs: 200 } })
})
afterAll(async () => await gateway.stop())
beforeEach(async () => {
  customer = await gateway.customer(1_000)
})

const spent = async () => 1_000 - (await customer.balance())
const kindOf = (base64: string) => signatureOf(Buffer.from(base64, 'base64'))

describe('LangChain: DallEAPIWrapper', () => {
  const tool = (options: object = {}) =>
    new langchain.DallEAPIWrapper({
      apiKey: customer.key,
      baseUrl: `${gateway.url}/v1`,
      model: 'gpt-image-2',
      ...options,
    })

  test('a picture as a URL', async () => {
    const url = await tool().invoke('a heron for a chain')
    expect((await fetch(url)).status).toBe(200)
    expect([ordersOf(gateway, 'a heron for a chain').length, await spent()]).toEqual([1, 15])
  })

  test('several pictures, which it asks for in equal requests at once: each is made and paid', async () => {
    const made = await tool({ n: 3, dallEResponseFormat: 'b64_json' }).invoke('herons for a chain')
    expect(made.map((each: any) => kindOf(each.image_url.url))).toEqual(['PNG', 'PNG', 'PNG'])
    expect([ordersOf(gateway, 'herons for a chain').length, await spent()]).toEqual([3, 45])
  })

  test('a refusal in our words', async () => {
    await expect(tool({ model: 'no-such-model' }).invoke('a heron')).rejects.toThrow(/no-such-model/)
    expect(await spent()).toBe(0)
  })
})

describe('Cherry Studio: @cherrystudio/ai-core', () => {
  const made = async (provider: 'openai' | 'openai-compatible', params: object) => {
    const settings = { name: 'tollgate', apiKey: customer.key, baseURL: `${gateway.url}/v1` }
    const executor = await cherry.createExecutor(provider, settings)
    return await executor.generateImage({ model: 'gpt-image-2', size: '1024x1024', ...params })
  }

  test.each(['openai', 'openai-compatible'] as const)('a picture, by the provider %s', async (provider) => {
    const prompt = `a heron by ${provider}`
    const { images } = await made(provider, { prompt })
    expect(images.map((each: any) => kindOf(each.base64))).toEqual(['PNG'])
    expect([ordersOf(gateway, prompt).length, await spent()]).toEqual([1, 15])
  })

  test('two pictures in one order', async () => {
    const { images } = await made('openai-compatible', { prompt: 'two herons', n: 2 })
    expect(images).toHaveLength(2)
    expect(await spent()).toBe(30)
  })

  test('a failure of ours is a failure there, with the credits back', async () => {
    await expect(made('openai-compatible', { prompt: 'this shall fail', maxRetries: 0 })).rejects.toThrow()
    expect(await spent()).toBe(0)
  })
})
