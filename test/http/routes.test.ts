// Walks over every route that the gateway has: each is documented, locked, answers as the document says, and shows nobody else's.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { surfacesOf } from '../../src/http/surfaces/surfaces.ts'
import { adminToken, quickYaml, startGateway } from '../support/gateway.ts'
import type { Answer, Customer, Gateway } from '../support/gateway.ts'
import { watchStatements } from '../support/statements.ts'
import { eraseNew } from './erased-account.ts'
import { answerSchema, failure, seen } from './expectations.ts'
import { servedRoutes } from './served.ts'
import { uploadPicture } from './upload-form.ts'

// Nobody listens there, so what is to be told stays to be told.
const receiverUrl = 'https://receiver.invalid/of-theirs'
const statements = watchStatements()
const gateway: Gateway = await startGateway({
  yaml: `${quickYaml}console: { keys_make_keys: true }
alerts: { receivers: { night: { type: slack, url: "https://receiver.invalid/of-ours" } } }\n`,
})
const documents = [
  (await gateway.call('GET', '/openapi.json')).json,
  (await gateway.call('GET', '/admin/openapi.json')).json,
]
const [ofClients, ofOperators] = documents
const paths: Record<string, any> = { ...ofClients.paths, ...ofOperators.paths }
const documented: string[] = Object.entries<object>(paths).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
)
const routes = documented.filter((route) => / \/(?:api\/v1\/(?!jobs\/|chat\/)|admin\/)/.test(route))
const split = (route: string) => route.split(' ') as [method: string, path: string]
/** What a stream holds is in events.test.ts, and in admin-privacy.test.ts. */
const isStream = (route: string) => {
  const [method, path] = split(route)
  return /event-stream|ndjson/.test(JSON.stringify(paths[path][method.toLowerCase()].responses[200] ?? {}))
}
const readings = routes.filter((route) => route.startsWith('GET') && !isStream(route))
/** It needs no key, as the document says: brand.test.ts looks that there is no other. */
const isOpen = (route: string) => route === 'GET /api/v1/brand'
const isOperators = (route: string) => route.includes(' /admin/')

let mine: Customer
let theirs: Customer
let taskId: string
let keyId: string
let deliveryId: string
beforeAll(async () => {
  ;[mine, theirs] = [await gateway.customer(1_000), await gateway.customer(1_000)]
  await gateway.call('PUT', '/api/v1/webhooks', { key: theirs.key, body: { url: receiverUrl } })
  taskId = (await theirs.create({ model_id: 'gpt-image-2', prompt: 'secret garden' })).json.data.task_id
  await theirs.ended(taskId)
  deliveryId = (await theirs.get('/webhooks/deliveries')).json.data.deliveries[0].id
  await theirs.create({ model_id: 'seedance-2', prompt: 'to fail' })
  keyId = (await gateway.operator('GET', `/accounts/${theirs.accountId}/keys`)).json.data.keys[0].id
})
afterAll(async () => {
  await gateway.stop()
  statements.restore()
})

test('every route that serves an API stands in the document, and no other', () => {
  const surfaces = surfacesOf(gateway.app.ctx.config)
  const prefixes = surfaces
    .filter(({ callers }) => callers === 'customers' || callers === 'operators')
    .map(({ prefix }) => `${prefix}/`)
  const served = servedRoutes(gateway).filter((route) => {
    const [, path] = split(route)
    return prefixes.some((prefix) => `${path}/`.startsWith(prefix)) && path !== '/admin/openapi.json'
  })
  expect(served.length).toBeGreaterThan(15)
  expect(served.toSorted()).toEqual(documented.toSorted())
})

describe.each(routes)('%s', (route) => {
  const [method, path] = split(route)
  const filled = path.replaceAll(/\{\w+\}/g, 'some-id')

  test.skipIf(isOpen(route))("is locked: no key, a wrong key and the other door's key are 401", async () => {
    for (const key of [undefined, 'sk-wrong', '', isOperators(route) ? theirs.key : adminToken]) {
      const answer = await gateway.call(method, filled, key === undefined ? {} : { key })
      expect(seen(answer)).toEqual(failure({ type: 'unauthorized', status: 401 }))
    }
  })

  test('is taken for data and nothing else: it runs nothing, stands in no frame, and names no software', async () => {
    const { headers } = await gateway.call(method, filled)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('x-powered-by')).toBeNull()
    expect(headers.get('server')).toBeNull()
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })
})

test.each(documented.filter((route) => !routes.includes(route)))('%s is locked as well', async (route) => {
  const [method, path] = split(route)
  for (const key of [undefined, 'sk-wrong', adminToken]) {
    const answer = await gateway.call(
      method,
      path.replaceAll(/\{\w+\}/g, 'x'),
      key === undefined ? {} : { key },
    )
    expect([answer.status, answer.headers.has('x-request-id')]).toEqual([401, true])
  }
})

/** What a good call of each route is. */
const calls: Readonly<Record<string, () => Promise<Answer>>> = {
  'POST /api/v1/tasks/create': () => mine.create({ model_id: 'gpt-image-2', prompt: 'a garden' }),
  'GET /api/v1/tasks/{task_id}': () => theirs.get(`/tasks/${taskId}`),
  'GET /api/v1/tasks/{task_id}/details': () => theirs.get(`/tasks/${taskId}/details`),
  'DELETE /api/v1/tasks/{task_id}': async () => {
    const { slots } = gateway.app.ctx.upstreams.get('keevx') ?? expect.fail()
    // As if so many of its orders hung, so that one more waits.
    for (let at = 0; at < 1_000; at += 1) slots.take(mine.accountId)
    const { task_id: id } = (await mine.create({ model_id: 'gpt-image-2', prompt: 'a' })).json.data
    const answer = await gateway.call('DELETE', `/api/v1/tasks/${id}`, { key: mine.key })
    for (let at = 0; at < 1_000; at += 1) slots.release(mine.accountId)
    return answer
  },
  'GET /api/v1/tasks': () => theirs.get('/tasks?limit=1'),
  'GET /api/v1/models': () => mine.get('/models'),
  'POST /api/v1/quote': () =>
    gateway.call('POST', '/api/v1/quote', { key: mine.key, body: { model_id: 'gpt-image-2', prompt: 'a' } }),
  'GET /api/v1/credits': () => mine.get('/credits'),
  'GET /api/v1/usage': () => mine.get('/usage?group=key'),
  'GET /api/v1/ledger': () => theirs.get('/ledger?limit=2'),
  'GET /api/v1/credits/low_balance': () => theirs.get('/credits/low_balance'),
  'PUT /api/v1/credits/low_balance': () =>
    gateway.call('PUT', '/api/v1/credits/low_balance', { key: mine.key, body: { low_balance: 5 } }),
  'GET /api/v1/keys': () => theirs.get('/keys?limit=1'),
  'POST /api/v1/keys': () => gateway.call('POST', '/api/v1/keys', { key: mine.key, body: { name: 'k' } }),
  'PATCH /api/v1/keys/{id}': () => changeKey(theirs, keyId),
  'DELETE /api/v1/keys/{id}': async () => {
    const body = { name: 'for a moment' }
    const { id } = (await gateway.call('POST', '/api/v1/keys', { key: mine.key, body })).json.data
    return await revokeKey(mine, id)
  },
  'POST /api/v1/credits/redeem': async () => {
    const [code] = (await newCodes()).codes
    return await gateway.call('POST', '/api/v1/credits/redeem', { key: mine.key, body: { code } })
  },
  'GET /api/v1/brand': () => gateway.call('GET', '/api/v1/brand'),
  'POST /api/v1/files': () => uploadPicture(gateway, mine.key),
  'GET /api/v1/webhooks': () => theirs.get('/webhooks'),
  'PUT /api/v1/webhooks': () =>
    gateway.call('PUT', '/api/v1/webhooks', {
      key: mine.key,
      body: { url: 'https://receiver.invalid/of-mine' },
    }),
  'POST /api/v1/webhooks/secret': () => gateway.call('POST', '/api/v1/webhooks/secret', { key: mine.key }),
  'POST /api/v1/webhooks/test': () => gateway.call('POST', '/api/v1/webhooks/test', { key: mine.key }),
  'GET /api/v1/webhooks/deliveries': () => theirs.get('/webhooks/deliveries?limit=1'),
  'POST /api/v1/webhooks/deliveries/{id}/resend': () => resend(theirs, deliveryId),
  'POST /admin/v1/accounts': () => gateway.operator('POST', '/accounts', { name: 'new', credits: 1 }),
  'GET /admin/v1/accounts': () => gateway.operator('GET', '/accounts?limit=1'),
  'GET /admin/v1/accounts/{id}': () => gateway.operator('GET', `/accounts/${theirs.accountId}`),
  'PATCH /admin/v1/accounts/{id}': () =>
    gateway.operator('PATCH', `/accounts/${mine.accountId}`, {
      limits: { requests_per_minute: 1_000, tasks_in_flight: 'off' },
    }),
  'DELETE /admin/v1/accounts/{id}': () => eraseNew(gateway),
  'POST /admin/v1/accounts/{id}/keys': () =>
    gateway.operator('POST', `/accounts/${mine.accountId}/keys`, { name: 'k', expires_at: 4_000_000_000 }),
  'POST /admin/v1/accounts/{id}/link': () =>
    gateway.operator('POST', `/accounts/${mine.accountId}/link`, { for: '2h' }),
  'GET /admin/v1/accounts/{id}/keys': () => gateway.operator('GET', `/accounts/${theirs.accountId}/keys`),
  'PATCH /admin/v1/keys/{id}': async () => {
    const { keys } = (await gateway.operator('GET', `/accounts/${mine.accountId}/keys`)).json.data
    return await gateway.operator('PATCH', `/keys/${keys[0].id}`, { limits: { credits_total: null } })
  },
  'GET /admin/v1/audit': async () => await gateway.operator('GET', '/audit?target=acc_none'),
  'DELETE /admin/v1/keys/{id}': async () => {
    const { id } = (await gateway.operator('POST', `/accounts/${mine.accountId}/keys`, { name: 'k' })).json
      .data
    return await gateway.operator('DELETE', `/keys/${id}`)
  },
  'POST /admin/v1/accounts/{id}/credits': () =>
    gateway.operator('POST', `/accounts/${mine.accountId}/credits`, { amount: 1, note: 'n' }),
  'GET /admin/v1/accounts/{id}/ledger': () => gateway.operator('GET', `/accounts/${theirs.accountId}/ledger`),
  'GET /admin/v1/tasks': () => gateway.operator('GET', '/tasks'),
  'GET /admin/v1/tasks/{id}': () => gateway.operator('GET', `/tasks/${taskId}`),
  'POST /admin/v1/tasks/{id}/refund': () =>
    gateway.operator('POST', `/tasks/${taskId}/refund`, { credits: 1, reason: 'r' }),
  'GET /admin/v1/reconcile': () => gateway.operator('GET', '/reconcile'),
  'POST /admin/v1/reconcile/{id}': async () =>
    gateway.operator('POST', `/reconcile/${await newItem()}`, { decision: 'write_off', reason: 'r' }),
  'POST /admin/v1/codes': () => gateway.operator('POST', '/codes', { credits: 1, count: 1 }),
  'GET /admin/v1/codes': () => gateway.operator('GET', '/codes?limit=1'),
  'DELETE /admin/v1/codes/{id}': async () =>
    await gateway.operator('DELETE', `/codes/${(await newCodes()).batch_id}`),
  'GET /admin/v1/ledger/verify': () => gateway.operator('GET', '/ledger/verify'),
  'GET /admin/v1/report': () => gateway.operator('GET', '/report?group=account'),
  'GET /admin/v1/stats': () => gateway.operator('GET', '/stats'),
  'GET /admin/v1/system': () => gateway.operator('GET', '/system'),
  'GET /admin/v1/config': () => gateway.operator('GET', '/config'),
  'GET /admin/v1/upstreams/health': () => gateway.operator('GET', '/upstreams/health'),
  'GET /admin/v1/alerts': () => gateway.operator('GET', '/alerts'),
  'POST /admin/v1/alerts/test': () => gateway.operator('POST', '/alerts/test', {}),
  'GET /admin/v1/find': () => gateway.operator('GET', `/find?q=${taskId}`),
  'GET /admin/v1/price': () => gateway.operator('GET', '/price?model_id=gpt-image-2'),
  'GET /admin/v1/models': () => gateway.operator('GET', '/models'),
  'GET /admin/v1/models/reload': () => gateway.operator('GET', '/models/reload'),
  'POST /admin/v1/models/reload': () => gateway.operator('POST', '/models/reload'),
}

const newItem = async (): Promise<string> => {
  const item = "'orph_1', request_id, id, account_id, upstream, credits, 1 FROM tasks LIMIT 1"
  return await gateway.store.write(`INSERT INTO unknown_submits SELECT ${item}`).then(() => 'orph_1')
}
const newCodes = async () => (await gateway.operator('POST', '/codes', { credits: 1, count: 1 })).json.data
const changeKey = ({ key }: Customer, id: string) =>
  gateway.call('PATCH', `/api/v1/keys/${id}`, { key, body: { name: 'another' } })
const revokeKey = ({ key }: Customer, id: string) => gateway.call('DELETE', `/api/v1/keys/${id}`, { key })
const resend = ({ key }: Customer, id: string) =>
  gateway.call('POST', `/api/v1/webhooks/deliveries/${id}/resend`, { key })

/** Few rows: one for each name that is known, or for each task that runs; a limit; `p` and `g`: parts and rows of a report. */
const small =
  /^SCAN (queues|polls|clock|rights|counters|webhook_backlog|reporting_terms|p\b|g\b|ahead|before|CONSTANT ROW)/

describe('answers as the document says', () => {
  const schemaOf = (route: string, status: number) =>
    answerSchema(isOperators(route) ? ofOperators : ofClients, route, status)
  test.each(routes.filter((route) => !isStream(route)))('%s', async (route) => {
    const answer = await calls[route]?.()
    expect(answer, 'a route without a case').toBeDefined()
    if (!answer) return
    expect(answer.json, answer.text).toMatchObject({ code: 200 })
    expect(schemaOf(route, answer.status).safeParse(answer.json).error?.message).toBeUndefined()
    // Not because anything would do.
    expect(schemaOf(route, answer.status).safeParse({ ...answer.json, data: { odd: 1 } }).success).toBe(false)
  })

  test.each(routes.filter((route) => !isOpen(route)))('a failure of %s', async (route) => {
    const [method, path] = split(route)
    const answer = await gateway.call(method, path.replaceAll(/\{\w+\}/g, 'x'))
    expect(schemaOf(route, 401).safeParse(answer.json).error?.message).toBeUndefined()
  })
})

describe("another account's ids open nothing", () => {
  type Two = readonly [real: Answer, never: Answer]
  const two = async (id: string, ask: (id: string) => Promise<Answer>): Promise<Two> => [
    await ask(id),
    await ask(id.replace(/_.*/, `_${'0'.repeat(27)}`)),
  ]
  /** What asking with an id of another account comes to; the id itself is real. */
  const foreign: Readonly<Record<string, () => Promise<Two>>> = {
    'GET /api/v1/tasks/{task_id}': () => two(taskId, (id) => mine.get(`/tasks/${id}`)),
    'GET /api/v1/tasks/{task_id}/details': () => two(taskId, (id) => mine.get(`/tasks/${id}/details`)),
    'GET /api/v1/tasks/{task_id}/events': () => two(taskId, (id) => mine.get(`/tasks/${id}/events`)),
    'DELETE /api/v1/tasks/{task_id}': () =>
      two(taskId, (id) => gateway.call('DELETE', `/api/v1/tasks/${id}`, { key: mine.key })),
    'PATCH /api/v1/keys/{id}': () => two(keyId, (id) => changeKey(mine, id)),
    'DELETE /api/v1/keys/{id}': () => two(keyId, (id) => revokeKey(mine, id)),
    'POST /api/v1/webhooks/deliveries/{id}/resend': () => two(deliveryId, (id) => resend(mine, id)),
  }

  test.each(routes.filter((route) => !isOperators(route) && route.includes('{')))('%s', async (route) => {
    const answers = await foreign[route]?.()
    expect(answers, 'a route without a case').toBeDefined()
    const shown = answers?.map(({ status, text, headers }) => [
      status,
      text.replaceAll(headers.get('x-request-id') ?? '', ''),
    ])
    expect(shown?.[0]).toEqual(shown?.[1])
    expect(answers?.[0].json).toMatchObject({ code: 0, error: { type: 'not_found' } })
  })

  test.each(readings.filter((route) => !isOperators(route) && !route.includes('{')))(
    '%s says nothing of others',
    async (route) => {
      const { text } = await mine.get(split(route)[1].replace('/api/v1', ''))
      for (const secret of [taskId, theirs.accountId, keyId, deliveryId, receiverUrl, 'secret garden'])
        expect(text).not.toContain(secret)
    },
  )
})

test('no statement of a start, a loop or a request looks through a table that grows', async () => {
  // Lists with all their filters are in list-plans.long.test.ts.
  await gateway.restart()
  const id = (await mine.create({ model_id: 'gpt-image-2', prompt: 'one more' })).json.data.task_id
  await mine.ended(id)
  for (const query of ['?status=1&model_id=none', '?status=2', '?status=3', '?status=4'])
    await mine.get(`/tasks${query}`)
  for (const path of ['/readyz', '/metrics']) await gateway.call('GET', path)
  const asked = statements.all()
  expect(asked.length).toBeGreaterThan(50)
  for (const statement of asked) {
    const steps = await gateway.store.planOf(statement)
    const scans = steps.filter((step) => step.startsWith('SCAN ') && !small.test(step))
    expect(scans, statement).toEqual([])
  }
})
