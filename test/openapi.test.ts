// The documents that the gateway serves are good OpenAPI, and name what clients and operators are promised.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { eventTypes } from '../src/db/tables.ts'
import { clientDocument } from '../src/http/docs/documents.ts'
import { openApiText } from '../src/http/docs/openapi.ts'
import { surfacesOf } from '../src/http/surfaces/surfaces.ts'
import { defaultTypes } from '../src/webhooks/events/types.ts'
import { adminToken, type Gateway, startGateway } from './support/gateway.ts'
import { documents, operationsOf } from './docs/documents.ts'
import type { Operation } from './docs/documents.ts'
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

const read = async (path: (typeof documents)[number]): Promise<any> => (await gateway.call('GET', path)).json

test.each(documents)('the linter has nothing to say about %s', async (path) => {
  const served = await gateway.call('GET', path)
  expect(lint(served.text)).toEqual([])
})

test('and would have, had a response no description', async () => {
  const { text } = await gateway.call('GET', '/openapi.json')
  const broken = text.replace(/"description":"[^"]*",?/, '').replace(/"operationId":"[^"]*",?/, '')
  expect(lint(broken).length).toBeGreaterThan(0)
})

test('customers read nothing of the operator’s routes, and the operator’s document holds nothing else', async () => {
  const [client, operator] = [await read('/openapi.json'), await read('/admin/openapi.json')]
  expect(JSON.stringify(client)).not.toMatch(/\/admin|ADMIN_TOKEN|adminToken/)
  expect(Object.keys(operator.paths).every((path) => path.startsWith('/admin/v1/'))).toBe(true)
  expect(operator.webhooks).toBeUndefined()
})

test('whoever builds a client reads the documents without a key, and they tell no more with one', async () => {
  for (const path of documents) {
    const open = await gateway.call('GET', path)
    expect([open.status, open.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
    expect((await gateway.call('GET', path, { key: adminToken })).text).toBe(open.text)
  }
})

test.each([
  ['createTask', 'post', '/api/v1/tasks/create'],
  ['getTask', 'get', '/api/v1/tasks/{task_id}'],
  ['cancelTask', 'delete', '/api/v1/tasks/{task_id}'],
  ['watchTask', 'get', '/api/v1/tasks/{task_id}/events'],
  ['watchTasks', 'get', '/api/v1/events'],
  ['listTasks', 'get', '/api/v1/tasks'],
  ['listModels', 'get', '/api/v1/models'],
  ['quoteTask', 'post', '/api/v1/quote'],
  ['getCredits', 'get', '/api/v1/credits'],
  ['listLedger', 'get', '/api/v1/ledger'],
  ['uploadFile', 'post', '/api/v1/files'],
  ['getWebhook', 'get', '/api/v1/webhooks'],
  ['setWebhook', 'put', '/api/v1/webhooks'],
  ['renewWebhookSecret', 'post', '/api/v1/webhooks/secret'],
  ['testWebhook', 'post', '/api/v1/webhooks/test'],
  ['listDeliveries', 'get', '/api/v1/webhooks/deliveries'],
  ['resendDelivery', 'post', '/api/v1/webhooks/deliveries/{id}/resend'],
  ['createAccount', 'post', '/admin/v1/accounts'],
  ['changeAccount', 'patch', '/admin/v1/accounts/{id}'],
  ['createKey', 'post', '/admin/v1/accounts/{id}/keys'],
  ['grantCredits', 'post', '/admin/v1/accounts/{id}/credits'],
  ['verifyLedger', 'get', '/admin/v1/ledger/verify'],
])('%s is the name of %s %s, which clients call it by for good', async (id, method, path) => {
  const document = await read(path.startsWith('/admin/') ? '/admin/openapi.json' : '/openapi.json')
  expect(document.paths[path]?.[method]?.operationId).toBe(id)
})

test('every route has a name that is a function’s, once in its document', async () => {
  const all = await operationsOf(gateway)
  for (const { name, operation } of all) expect(operation.operationId, name).toMatch(/^[a-z]+[A-Za-z]*$/)
  for (const path of documents) {
    const document = await read(path)
    const ids = all.filter((one) => one.document.info.title === document.info.title).map(idOf)
    expect(ids.length).toBeGreaterThan(10)
    expect(new Set(ids).size).toBe(ids.length)
  }
})

const idOf = ({ operation }: Operation): string => operation.operationId

/** Undefined if the value fits. */
function problemOf(document: any, schema: unknown, value: unknown): string | undefined {
  // The one word that the reader does not know.
  const without = (name: string, one: unknown) => (name === 'not' ? undefined : one)
  const whole = JSON.stringify({ ...(schema as object), $defs: document.components.schemas }, without)
  const reader = z.fromJSONSchema(JSON.parse(whole.replaceAll('#/components/schemas/', '#/$defs/')))
  return reader.safeParse(value).error?.message
}

test('every body and every answer of a route shows an example that fits its schema', async () => {
  let seen = 0
  for (const { name, document, operation } of await operationsOf(gateway)) {
    const responses = Object.values<any>(operation.responses).map((response) =>
      response.$ref === undefined ? response : document.components.responses[response.$ref.split('/').at(-1)],
    )
    // A 202 may have no body.
    for (const { content } of [...responses, ...(operation.requestBody ? [operation.requestBody] : [])]) {
      for (const [type, { schema, examples }] of Object.entries<any>(content ?? {})) {
        if (type === 'multipart/form-data') continue
        expect(Object.keys(examples ?? {}).length, `${name} has no example of ${type}`).toBeGreaterThan(0)
        seen += Object.keys(examples).length
        const shown = JSON.stringify(examples).replaceAll('"type":"string"', '')
        expect(shown, name).not.toMatch(/"string"|9007199254740991/)
        if (type !== 'application/json') continue
        const problems = Object.values<any>(examples).map(({ value }) => problemOf(document, schema, value))
        expect(
          problems.filter((problem) => problem !== undefined),
          name,
        ).toEqual([])
      }
    }
    const done = (operation.responses[200] ?? operation.responses[201]).content
    const type = Object.keys(done)[0] ?? ''
    expect(Object.keys(done[type].examples), `${name} shows how it succeeds`).toContain(
      type === 'application/json' ? 'done' : 'stream',
    )
  }
  expect(seen).toBeGreaterThan(200)
})

test('the bodies shown for create and for a quote are taken as they stand', async () => {
  const customer = await gateway.customer(1_000)
  const { paths } = await read('/openapi.json')
  for (const path of ['/api/v1/tasks/create', '/api/v1/quote']) {
    const { examples } = paths[path].post.requestBody.content['application/json']
    expect(Object.keys(examples)).toEqual(['image', 'video'])
    for (const { value } of Object.values<any>(examples)) {
      const answer = await gateway.call('POST', path, { key: customer.key, body: value })
      expect(answer.json, answer.text).toMatchObject({ code: 200 })
    }
  }
})

test('each type of webhook is described with what its receiver reads, and can be chosen and found in the log', async () => {
  const { json } = await gateway.call('GET', '/openapi.json')
  expect(Object.keys(json.webhooks)).toEqual([...eventTypes, 'webhook.test'])
  for (const type of eventTypes) {
    const { description, requestBody, requestParams, parameters } = json.webhooks[type].post
    expect(requestParams).toBeUndefined()
    expect(parameters.map(({ name }: any) => name)).toContain('webhook-signature')
    const { $ref } = requestBody.content['application/json'].schema
    const schema = json.components.schemas[$ref.split('/').at(-1)]
    expect(schema.properties.type.const, type).toBe(type)
    const data = type === 'balance.low' ? 'LowBalance' : 'Task'
    expect(schema.properties.data).toEqual({ $ref: `#/components/schemas/${data}` })
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
  expect(schemas.DeliveryStatus.enum).toContain('superseded')
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
  const endpoints = ['/api/a', '/api/b'].map((url) => ({
    method: 'GET' as const,
    url,
    operationId: url,
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
  const surfaces = surfacesOf(gateway.app.ctx.config)
  const text = openApiText(gateway.app.ctx, { surfaces, endpoints, plan: clientDocument })
  const [first, second] = await Promise.all([text(), text()])
  expect(first).toBe(second)
  expect(events).toEqual(['/api/a', 'other work', '/api/b', 'other work'])
})
