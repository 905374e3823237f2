// Clients of Replicate and of Keevx, as they are installed, order from a gateway: each order once, and paid once.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { quickYaml, startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { freePort } from '../support/port.ts'
import { root } from '../tidy/tree.ts'
import { npmTools, python, pythonTools } from './installed.ts'
import type { Tools } from './installed.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  const port = await freePort()
  gateway = await startGateway({
    // The AI SDK fetches results from the gateway's own address alone.
    yaml: `${quickYaml.replace('media: { store: none }', 'media: { store: disk }')}network: { allow_hosts: [127.0.0.1] }\n`,
    env: { PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}` },
  })
})
beforeEach(async () => {
  customer = await gateway.customer(1_000)
})
afterAll(async () => await gateway.stop())

const programs = join(root, 'test/clients/programs')
const env = () => ({ KEY: customer.key, GATEWAY: gateway.url })
const url = expect.stringMatching(/^https?:/)

/** What the program says, what it cost, and how many orders were made upstream. */
async function outcome(program: () => Promise<string>) {
  const before = gateway.sandbox.submissions.length
  const said = JSON.parse(await program())
  return {
    ...said,
    spent: 1_000 - (await customer.balance()),
    orders: gateway.sandbox.submissions.length - before,
  }
}

describe('replicate for JavaScript', () => {
  let tools: Tools
  beforeAll(async () => {
    tools = await npmTools('replicate', { replicate: '1.4.0' })
  })
  const run = async (deed: string, model: string) =>
    await outcome(
      async () =>
        await tools.run('node', [join(programs, 'replicate.ts'), tools.folder, deed, model], { env: env() }),
    )

  test('runs a model', async () => {
    const paid = { spent: 10, orders: 1 }
    expect(await run('run', 'google/nano-banana-2')).toEqual({ result: [url], ...paid })
    expect(await run('run', 'google/nano-banana-2:some-version')).toMatchObject({
      error: expect.stringContaining('no versions here'),
      orders: 0,
    })
  })

  test('uploads a picture and makes a video of it', async () => {
    expect(await run('video', 'any/keevx-s')).toEqual({
      result: expect.stringMatching(/\.mp4$/),
      spent: 24,
      orders: 1,
    })
  })

  test('polls a prediction of two', async () => {
    expect(await run('poll', 'any/nano-banana-2')).toMatchObject({
      result: { status: 'succeeded', output: [url, url] },
      spent: 20,
      orders: 1,
    })
  })

  test('learns why one failed, and pays nothing', async () => {
    expect(await run('fail', 'any/nano-banana-2')).toEqual({
      error: expect.stringContaining('content policy'),
      spent: 0,
      orders: 1,
    })
  })

  test('is refused a model that is not sold, and without credits, without repeating', async () => {
    expect(await run('run', 'any/sdxl')).toMatchObject({ error: expect.stringContaining('404'), orders: 0 })
    customer = await gateway.customer(0)
    expect(await run('run', 'any/nano-banana-2')).toMatchObject({
      error: expect.stringContaining('402'),
      orders: 0,
    })
  })

  test('cancels, and lists', async () => {
    expect(await run('cancel', 'any/nano-banana-2')).toMatchObject({
      result: { status: expect.stringMatching(/^(?:canceled|starting|processing)$/) },
    })
    expect((await run('list', '')).result).toHaveLength(1)
  })
})

describe('the AI SDK with its provider for Replicate', () => {
  let tools: Tools
  beforeAll(async () => {
    tools = await npmTools('ai-replicate', { ai: '7.0.173', '@ai-sdk/replicate': '3.0.46' })
  })
  const run = async (deed: string, model: string) =>
    await outcome(
      async () =>
        await tools.run('node', [join(programs, 'ai-replicate.ts'), tools.folder, deed, model], {
          env: env(),
        }),
    )

  test('makes two pictures, by two requests', async () => {
    const picture = [expect.stringMatching(/^image\//), true]
    expect(await run('image', 'google/nano-banana-2')).toEqual({
      result: [picture, picture],
      spent: 20,
      orders: 2,
    })
  })

  test('makes a video', async () => {
    expect(await run('video', 'any/keevx-s')).toEqual({
      result: [['video/mp4', true]],
      spent: 24,
      orders: 1,
    })
  })
})

describe.skipIf(python === null)('replicate for Python', () => {
  let tools: Tools
  beforeAll(async () => {
    tools = await pythonTools('replicate-python', ['replicate==1.0.7'])
  })
  const run = async (deed: string, model: string) =>
    await outcome(
      async () =>
        await tools.run('python', [join(programs, 'replicate_client.py'), deed, model], { env: env() }),
    )

  test('runs a model, polls, fails and cancels', async () => {
    expect(await run('run', 'google/nano-banana-2')).toEqual({ result: [url], spent: 10, orders: 1 })
    customer = await gateway.customer(1_000)
    expect(await run('poll', 'any/nano-banana-2')).toMatchObject({
      result: { status: 'succeeded', output: [url, url] },
      spent: 20,
      orders: 1,
    })
    customer = await gateway.customer(1_000)
    expect(await run('fail', 'any/nano-banana-2')).toEqual({
      error: expect.stringContaining('content policy'),
      spent: 0,
      orders: 1,
    })
    expect(await run('cancel', 'any/nano-banana-2')).toMatchObject({ result: expect.any(String) })
  })
})

test("the commands of Keevx's skills run with the host replaced", async () => {
  const picture = join(gateway.folder, 'a.gif')
  writeFileSync(picture, Buffer.from('GIF89a\u0001\0\u0001\0\0\0\0;', 'latin1'))
  const { stdout } = await promisify(execFile)('bash', [join(programs, 'keevx-skill.sh')], {
    env: { ...process.env, ...env(), PICTURE: picture },
  })
  expect(stdout.trim().split('\n')).toEqual(['image_generate Success', 'image_to_video Success'])
  expect(await customer.balance()).toBe(1_000 - 30 - 135)
})
