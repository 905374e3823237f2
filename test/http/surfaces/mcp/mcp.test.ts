// MCP on the wire, as clients of both eras speak it.
import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quickYaml, startGateway } from '../../../support/gateway.ts'
import type { Customer, Gateway } from '../../../support/gateway.ts'
import { message, rpc } from './rpc.ts'

const network = 'network: { cors_origins: ["https://shop.example"] }\n'
let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway({
    yaml: quickYaml + network,
    env: { PUBLIC_URL: 'https://pictures.example' },
  })
  customer = await gateway.customer()
})
afterAll(async () => await gateway.stop())

test('a client that begins with a handshake gets one, and no session', async () => {
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } }
  const { result, headers } = await rpc(gateway, customer, 'initialize', params, { era: 'legacy' })
  expect(result).toMatchObject({ protocolVersion: '2025-06-18', serverInfo: { name: 'tollgate' } })
  expect(headers.get('mcp-session-id')).toBeNull()
  const discovered = await rpc(gateway, customer, 'server/discover')
  expect(discovered.result).toMatchObject({ supportedVersions: expect.arrayContaining(['2026-07-28']) })
})

test.each(['GET', 'DELETE', 'PUT'])(
  '%s is not allowed: there are no sessions and no streams to resume',
  async (method) => {
    const { status, headers, json } = await gateway.call(method, '/mcp', { key: customer.key })
    expect([status, headers.get('allow'), json.jsonrpc, json.error.code]).toEqual([
      405,
      'POST',
      '2.0',
      -32_600,
    ])
  },
)

test('without a key, or with a wrong one, nothing is read, and no way to OAuth is shown', async () => {
  for (const key of ['', 'sk-wrong']) {
    const { status, headers, messages } = await rpc(gateway, { key }, 'tools/list')
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(messages[0].error).toMatchObject({ code: -32_000, data: { type: 'unauthorized' } })
  }
  const wellKnown = ['oauth-protected-resource', 'oauth-protected-resource/mcp', 'oauth-authorization-server']
  for (const name of wellKnown) expect((await gateway.call('GET', `/.well-known/${name}`)).status).toBe(404)
})

test.each([
  ['https://shop.example', 200],
  ['https://pictures.example', 200],
  ['https://evil.example', 403],
  ['http://localhost:6274', 403],
  ['null', 403],
])('a page of %s is answered %i', async (origin, status) => {
  const answer = await rpc(gateway, customer, 'tools/list', {}, { headers: { origin } })
  expect(answer.status).toBe(status)
  if (status === 403) expect(answer.error.message).toMatch(/cors_origins/)
})

test('a browser asks first, and hears that it may send the headers of the protocol', async () => {
  const headers = { origin: 'https://shop.example', 'access-control-request-method': 'POST' }
  const { status, headers: answered } = await gateway.call('OPTIONS', '/mcp', { headers })
  expect([status, answered.get('access-control-allow-headers')]).toEqual([
    204,
    expect.stringMatching(/Authorization.*MCP-Protocol-Version, Mcp-Method, Mcp-Name/),
  ])
})

test.each([
  ['pictures.example', 200],
  ['127.0.0.1:8787', 200],
  ['[::1]:80', 200],
  ['localhost', 200],
  ['tollgate:8787', 200],
  ['tollgate.default.svc.cluster.local', 200],
  ['evil.example', 403],
  ['pictures.example.evil.example:8787', 403],
  ['127.0.0.1.nip.io', 403],
])('asked as host %s, it answers %i', async (host, status) => {
  expect(await statusAs(host)).toBe(status)
})

/** Fetch does not let a caller choose the host. */
async function statusAs(host: string): Promise<number | undefined> {
  const body = JSON.stringify(message('tools/list', {}))
  const { port } = new URL(gateway.url)
  return await new Promise((resolve, reject) => {
    const headers = {
      host,
      authorization: `Bearer ${customer.key}`,
      'content-type': 'application/json',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/list',
    }
    const asked = httpRequest(
      { host: '127.0.0.1', port, path: '/mcp', method: 'POST', headers },
      (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      },
    )
    asked.on('error', reject).end(body)
  })
}

const former = message('tools/list', {}, { era: 'legacy' })
const wide = {
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/list',
  params: Object.fromEntries('x'.repeat(300).split('').entries()),
}
const deep = JSON.stringify(message('tools/list', {})).replace(
  '"params":',
  `"x":${'['.repeat(17)}${']'.repeat(17)},"params":`,
)
test.each([
  ['no JSON', '{', 400, -32_700],
  ['nothing', '', 400, -32_700],
  ['a list of messages', [former, former], 400, -32_600],
  ['a text', '"tools/list"', 400, -32_600],
  ['an object of another kind', {}, 400, -32_600],
  ['an answer', { jsonrpc: '2.0', id: 1, result: {} }, 400, -32_600],
  ['an id that is none', { ...former, id: [1] }, 400, -32_600],
  ['parameters that are none', { ...former, params: 'x' }, 400, -32_600],
  ['a tool that has no name', { ...former, method: 'tools/call', params: { name: 1 } }, 400, -32_600],
  ['arguments that are none', { ...former, method: 'tools/call', params: { arguments: [] } }, 400, -32_600],
  ['more values than any tool takes', wide, 400, -32_600],
  ['values nested too deep', deep, 400, -32_600],
  ['more bytes than any tool takes', JSON.stringify('x'.repeat(70_000)), 413, -32_000],
])('%s is refused before it is read further', async (_what, body, status, code) => {
  const answer = await gateway.call('POST', '/mcp', { key: customer.key, body })
  expect([answer.status, answer.json.error.code]).toEqual([status, code])
})

test('another content type is refused', async () => {
  const headers = { 'content-type': 'text/plain' }
  expect((await gateway.call('POST', '/mcp', { key: customer.key, body: '{}', headers })).status).toBe(415)
})

test('a tool that is not there is an error of the protocol', async () => {
  const { error } = await rpc(gateway, customer, 'tools/call', { name: 'paint', arguments: {} })
  expect([error.code, error.message]).toEqual([-32_602, expect.stringMatching(/generate_image/)])
})

test('it can be switched off: then it is no path at all', async () => {
  const off = await startGateway({ yaml: `${quickYaml}surfaces: { mcp: false }` })
  try {
    const { key } = await off.customer()
    const { status, json } = await off.call('POST', '/mcp', { key, body: message('tools/list', {}) })
    expect([status, json.error.type]).toEqual([404, 'not_found'])
  } finally {
    await off.stop()
  }
})
