// OpenAI's SDK for Python and LiteLLM order pictures and videos, over connections that break as well.
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { quickYaml, startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { ordered, ordersOf } from '../http/surfaces/openai/pictures.ts'
import { root } from '../tidy/tree.ts'
import { python, pythonTools } from './installed.ts'
import type { Tools } from './installed.ts'
import { startLossyProxy } from './lossy-proxy.ts'
import type { LossyProxy } from './lossy-proxy.ts'

const program = join(root, 'test/clients/programs/openai_client.py')
let gateway: Gateway
let proxy: LossyProxy
let customer: Customer
let tools: Tools
let prompts = 0
const newPrompt = () => `a heron ${(prompts += 1)}`
const spent = async () => 1_000 - (await customer.balance())

describe.skipIf(python === null)('in Python', () => {
  beforeAll(async () => {
    tools = await pythonTools('openai-python', ['openai==3.57.0', 'litellm==1.110.2'])
    gateway = await startGateway({
      yaml: `${quickYaml}surfaces: { openai: { wait_for: 4s } }`,
      sandbox: { imageMs: 5_000, videoMs: 500 },
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

  const run = async (step: string, prompt: string, { key } = customer): Promise<any> => {
    // LiteLLM would fetch its list of prices from the network.
    const env = { LITELLM_LOCAL_MODEL_COST_MAP: 'True' }
    return JSON.parse(await tools.run('python', [program, step, `${proxy.url}/v1`, key, prompt], { env }))
  }

  test('a picture that takes longer than wait_for arrives by its retries, ordered and paid once', async () => {
    const prompt = newPrompt()
    expect(await run('generate', prompt)).toEqual({ kinds: ['PNG'], format: 'png', tokens: 0 })
    expect([ordersOf(gateway, prompt).length, await spent()]).toEqual([1, 15])
  })

  test('a client that gives up every second, and a connection that is cut', async () => {
    const prompt = newPrompt()
    const answer = run('impatient', prompt)
    await ordered(gateway, prompt)
    proxy.cutAll()
    expect((await answer).kinds).toEqual(['PNG'])
    expect([ordersOf(gateway, prompt).length, await spent()]).toEqual([1, 15])
  })

  test('an edit of two files', async () => {
    const prompt = newPrompt()
    expect(await run('edit', prompt)).toEqual({ kinds: ['PNG'] })
    expect(ordersOf(gateway, prompt)[0]?.body['reference_images']).toHaveLength(2)
    expect([ordersOf(gateway, prompt).length, await spent()]).toEqual([1, 15])
  })

  test('a picture that fails, no credits: errors of theirs', async () => {
    const prompt = `${newPrompt()} will fail`
    const failed = await run('generate', prompt)
    expect([failed.error, failed.status, ordersOf(gateway, prompt).length, await spent()]).toEqual([
      'BadRequestError',
      400,
      1,
      0,
    ])
    const poor = await gateway.customer(1)
    expect(await run('generate', newPrompt(), poor)).toMatchObject({ error: 'APIStatusError', status: 402 })
  })

  test('a video: created and polled, downloaded, listed, deleted', async () => {
    const prompt = newPrompt()
    expect(await run('video', prompt)).toEqual({
      status: 'completed',
      type: 'ftyp',
      listed: true,
      deleted: true,
    })
    expect([ordersOf(gateway, prompt).length, await spent()]).toEqual([1, 40])
  })

  test('the models', async () => {
    expect((await run('models', '')).ids).toContain('seedance-2')
  })

  test('LiteLLM: pictures, which take longer than wait_for', async () => {
    const prompt = newPrompt()
    expect(await run('litellm_image', prompt)).toEqual({ kinds: ['PNG', 'PNG'] })
    expect([ordersOf(gateway, prompt).length, await spent()]).toEqual([1, 30])
  })

  test('LiteLLM: an edit', async () => {
    const prompt = newPrompt()
    expect(await run('litellm_edit', prompt)).toEqual({ kinds: ['PNG'] })
    expect([ordersOf(gateway, prompt).length, await spent()]).toEqual([1, 15])
  })

  test('LiteLLM: a picture that fails is an error, ordered once', async () => {
    const prompt = `${newPrompt()} will fail`
    const { error, status } = await run('litellm_image', prompt)
    expect([error, status]).toEqual(['BadRequestError', 400])
    expect([ordersOf(gateway, prompt).length, await spent()]).toEqual([1, 0])
  })

  test('LiteLLM: a video', async () => {
    const prompt = newPrompt()
    expect(await run('litellm_video', prompt)).toEqual({ status: 'completed', type: 'ftyp' })
    expect([ordersOf(gateway, prompt).length, await spent()]).toEqual([1, 40])
  })
})
