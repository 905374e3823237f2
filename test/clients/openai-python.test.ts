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
/** Importing the libraries takes minutes while others keep the cores busy. */
const stepsMaxMs = 900_000
const newPrompt = () => `a heron ${(prompts += 1)}`
const spent = async () => 1_000 - (await customer.balance())

describe.skipIf(python === null)('in Python', { timeout: stepsMaxMs }, () => {
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

  /** One process for several steps: LiteLLM takes long to import. */
  const runAll = async (steps: readonly (readonly [step: string, prompt: string])[], { key } = customer) => {
    // LiteLLM would fetch its list of prices from the network.
    const env = { LITELLM_LOCAL_MODEL_COST_MAP: 'True' }
    const args = [program, `${proxy.url}/v1`, key, JSON.stringify(steps)]
    const printed = await tools.run('python', args, { env, maxMs: stepsMaxMs })
    return JSON.parse(/^RESULTS (.*)$/m.exec(printed)?.[1] ?? 'null') as any[]
  }
  const run = async (step: string, prompt: string, { key } = customer): Promise<any> =>
    (await runAll([[step, prompt]], { ...customer, key }))[0]

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

  test('LiteLLM: pictures that take longer than wait_for, an edit, a failure, a video', async () => {
    const [pictures, edited, failing, filmed] = [
      newPrompt(),
      newPrompt(),
      `${newPrompt()} will fail`,
      newPrompt(),
    ]
    const results = await runAll([
      ['litellm_image', pictures],
      ['litellm_edit', edited],
      ['litellm_image', failing],
      ['litellm_video', filmed],
    ])
    expect(results).toEqual([
      { kinds: ['PNG', 'PNG'] },
      { kinds: ['PNG'] },
      { error: 'BadRequestError', status: 400, message: expect.stringContaining('credits came back') },
      { status: 'completed', type: 'ftyp' },
    ])
    const orders = [pictures, edited, failing, filmed].map((prompt) => ordersOf(gateway, prompt).length)
    expect([orders, await spent()]).toEqual([[1, 1, 1, 1], 30 + 15 + 40])
  })
})
