// The document that the gateway serves is good OpenAPI, and names what clients and operators are promised.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { eventTypes } from '../src/db/tables.ts'
import { openApiText } from '../src/http/docs/openapi.ts'
import { defaultTypes } from '../src/webhooks/events/types.ts'
import { type Gateway, startGateway } from './support/gateway.ts'
import { root } from './tidy/tree.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(async () => await gateway.stop())

interface Problem {
  readonly ruleId: string
  readonly message: string
  readonly location: readonly { readonly pointer?: string }[]
}

test('the linter has nothing to say about /openapi.json', async () => {
  const served = await gateway.call('GET', '/openapi.json')
  expect(lint(served.text)).toEqual([])
})

test('and would have, had a response no description', async () => {
  const { text } = await gateway.call('GET', '/openapi.json')
  const broken = text.replace(/"description":"[^"]*",?/, '').replace(/"operationId":"[^"]*",?/, '')
  expect(lint(broken).length).toBeGreaterThan(0)
})

test.each([
  ['post', '/api/v1/tasks/create'],
  ['get', '/api/v1/tasks/{task_id}'],
  ['delete', '/api/v1/tasks/{task_id}'],
  ['get', '/api/v1/tasks/{task_id}/events'],
  ['get', '/api/v1/tasks'],
  ['get', '/api/v1/models'],
  ['post', '/api/v1/quote'],
  ['get', '/api/v1/credits'],
  ['get', '/api/v1/ledger'],
  ['post', '/api/v1/files'],
  ['put', '/api/v1/webhooks'],
  ['post', '/api/v1/webhooks/secret'],
  ['post', '/api/v1/webhooks/test'],
  ['get', '/api/v1/webhooks/deliveries'],
  ['post', '/api/v1/webhooks/deliveries/{id}/resend'],
  ['post', '/admin/v1/accounts'],
  ['post', '/admin/v1/accounts/{id}/keys'],
  ['post', '/admin/v1/accounts/{id}/credits'],
  ['get', '/admin/v1/ledger/verify'],
])('%s %s is described', async (method, path) => {
  const { json } = await gateway.call('GET', '/openapi.json')
  expect(json.paths[path]?.[method]?.operationId).toEqual(expect.any(String))
})

test('each type of webhook is described with what its receiver reads, and can be chosen and found in the log', async () => {
  const { json } = await gateway.call('GET', '/openapi.json')
  expect(Object.keys(json.webhooks)).toEqual(eventTypes)
  for (const type of eventTypes) {
    const { description, requestBody, requestParams, parameters } = json.webhooks[type].post
    expect(requestParams).toBeUndefined()
    expect(parameters.map(({ name }: any) => name)).toContain('webhook-signature')
    const { schema } = requestBody.content['application/json']
    expect(schema.properties.type.const, type).toBe(type)
    expect(schema.properties.data).toEqual({ $ref: '#/components/schemas/Task' })
    const isDefault = defaultTypes.includes(type)
    expect(description).toContain(
      isDefault ? 'unless the account has chosen' : 'only to accounts that have chosen',
    )
  }
  const put = json.paths['/api/v1/webhooks'].put.requestBody.content['application/json'].schema
  const { schemas } = json.components
  for (const listed of [
    put.properties.event_types,
    schemas.Webhook.properties.event_types,
    { items: schemas.Delivery.properties.type },
  ]) {
    const list = JSON.stringify(listed)
    for (const type of eventTypes) expect(list).toContain(`"${type}"`)
  }
  expect(JSON.stringify(schemas.Delivery.properties.status)).toContain('"superseded"')
})

function lint(document: string): string[] {
  const file = join(gateway.folder, 'openapi.json')
  writeFileSync(file, document)
  const { stdout, stderr } = spawnSync(
    join(root, 'node_modules/.bin/redocly'),
    ['lint', file, '--config', join(root, 'redocly.yaml'), '--format', 'json'],
    {
      encoding: 'utf8',
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
    },
  )
  if (stdout === '') throw new Error(`the linter did not run: ${stderr}`)
  const { problems } = JSON.parse(stdout) as { problems: Problem[] }
  return problems.map(
    ({ ruleId, message, location }) => `${ruleId}: ${message} at ${location[0]?.pointer ?? 'the top'}`,
  )
}

test('other work runs between the endpoints while the document is built, and is not asked to build it twice', async () => {
  const events: string[] = []
  const endpoints = ['/a', '/b'].map((url) => ({
    method: 'GET' as const,
    url,
    tag: 'Tasks',
    summary: url,
    documentedBody: () => {
      events.push(url)
      setImmediate(() => events.push('other work'))
      return z.object({})
    },
    answer: z.object({}),
    run: async () => await Promise.resolve({}),
  }))
  const text = openApiText(gateway.app.ctx, endpoints)
  const [first, second] = await Promise.all([text(), text()])
  expect(first).toBe(second)
  expect(events).toEqual(['/a', 'other work', '/b', 'other work'])
})
