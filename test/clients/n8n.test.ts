// The code of n8n's OpenAI node, in as much of n8n as it asks for: pictures, edits and videos.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { ordersOf, png, signatureOf } from '../http/surfaces/openai/pictures.ts'
import { npmPackage, npmTools } from './installed.ts'

let gateway: Gateway
let customer: Customer
let execute: (operation: string, parameters: Record<string, unknown>) => Promise<any[]>
beforeAll(async () => {
  gateway = await startGateway({ sandbox: { imageMs: 200, videoMs: 200 } })
  const tools = await npmTools('n8n', {
    'n8n-workflow': '2.41.0',
    'form-data': '4.0.4',
    'zod-to-json-schema': '3.23.3',
  })
  const node = await npmPackage(tools, '@n8n/n8n-nodes-langchain@2.41.1')
  const load = createRequire(join(tools.folder, 'package.json'))
  execute = async (operation, parameters) =>
    await load(join(node, `dist/nodes/vendors/OpenAi/v2/actions/${operation}.operation.js`)).execute.call(
      hostOf(parameters),
      0,
    )
})
afterAll(async () => await gateway.stop())
beforeEach(async () => {
  customer = await gateway.customer(1_000)
})

/** What n8n gives to a node: its parameters, its files, and requests with its credentials. */
function hostOf(parameters: Record<string, unknown>) {
  return {
    getNode: () => ({ name: 'OpenAI', typeVersion: 2.3 }),
    getNodeParameter: (name: string, _item: number, other: unknown) => parameters[name] ?? other,
    getCredentials: async () => ({ url: `${gateway.url}/v1`, apiKey: customer.key }),
    getExecutionCancelSignal: () => undefined,
    helpers: {
      assertBinaryData: () => ({ mimeType: 'image/png', fileName: 'a.png', data: png.toString('base64') }),
      getBinaryDataBuffer: async () => png,
      binaryToBuffer: async (bytes: Buffer) => bytes,
      prepareBinaryData: async (bytes: Buffer) => ({ bytes }),
      requestWithAuthentication,
    },
  }
}

interface Asked {
  readonly method: string
  readonly uri: string
  readonly headers: Record<string, string>
  readonly body?: object
  readonly formData?: { getBuffer(): Uint8Array<ArrayBuffer> }
}

async function requestWithAuthentication(_name: string, asked: Asked): Promise<unknown> {
  const { method, uri, headers, body, formData } = asked
  const isJson = !formData && method !== 'GET'
  const answer = await fetch(uri, {
    method,
    headers: {
      ...headers,
      authorization: `Bearer ${customer.key}`,
      ...(isJson && { 'content-type': 'application/json' }),
    },
    ...(formData && { body: formData.getBuffer() }),
    ...(isJson && { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(await answer.text())
  if (answer.headers.get('content-type')?.includes('json')) return await answer.json()
  return { body: Buffer.from(await answer.arrayBuffer()), headers: Object.fromEntries(answer.headers) }
}

const spent = async () => 1_000 - (await customer.balance())

test('a picture', async () => {
  const [made] = await execute('image/generate', {
    modelId: 'gpt-image-2',
    prompt: 'a heron for n8n',
    options: { size: '1024x1024', quality: 'high' },
  })
  expect(signatureOf(made.binary.data.bytes)).toBe('PNG')
  expect([ordersOf(gateway, 'a heron for n8n').length, await spent()]).toEqual([1, 15])
})

test('an edit of a file', async () => {
  const [made] = await execute('image/edit', {
    modelId: 'gpt-image-2',
    prompt: 'another heron for n8n',
    images: { values: [{ binaryPropertyName: 'data' }] },
    options: { background: 'auto' },
  })
  expect(signatureOf(made.binary.data.bytes)).toBe('PNG')
  expect(await spent()).toBe(15)
})

test('a video, waited for and downloaded', async () => {
  const [made] = await execute('video/generate', {
    modelId: 'seedance-2',
    prompt: 'a heron that flies',
    seconds: 4,
    size: '1280x720',
  })
  expect(made.binary.data.bytes.subarray(4, 8).toString('latin1')).toBe('ftyp')
  expect(ordersOf(gateway, 'a heron that flies')).toHaveLength(1)
})

test('who has no credits is told so, and nothing is ordered', async () => {
  customer = await gateway.customer(0)
  const order = { modelId: 'gpt-image-2', prompt: 'a poor heron' }
  await expect(execute('image/generate', order)).rejects.toThrow('credits')
  expect(ordersOf(gateway, 'a poor heron')).toHaveLength(0)
})
