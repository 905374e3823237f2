// Test keys: the same API against a sandbox of their own. Nothing real is ordered, charged or counted for them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newSecret } from '../../../src/accounts/secret.ts'
import { adminToken, quickYaml, startGateway, until } from '../../support/gateway.ts'
import type { Answer, Customer, Gateway } from '../../support/gateway.ts'
import { exchange, failure, seen } from '../expectations.ts'
import { testCustomer } from './test-customer.ts'
import type { TestCustomer } from './test-customer.ts'

const picture = { model_id: 'gpt-image-2', prompt: 'a heron' }
const marked = ({ headers }: Answer) => headers.get('x-tollgate-sandbox')

let gateway: Gateway
let real: Customer
let play: TestCustomer
beforeAll(async () => {
  gateway = await startGateway({ yaml: `${quickYaml}\ntest_keys: { credits: 500 }\n` })
  real = await gateway.customer(100)
  play = await testCustomer(gateway, real.accountId)
})
afterAll(async () => await gateway.stop())

const realLedger = async () => await real.get('/ledger')

test('an order with a test key is made by the sandbox: the upstream hears nothing, the real ledger holds nothing', async () => {
  const [before, stored] = [(await realLedger()).json.data, await gateway.operator('GET', '/tasks')]
  const created = await play.create(picture)
  expect([created.status, created.json.code, marked(created)]).toEqual([200, 200, 'true'])
  const id: string = created.json.data.task_id
  const task = await play.ended(id)
  expect(task).toMatchObject({ task_status: 3, credits: 15, error_message: null })
  expect((await play.get('/credits')).json.data).toEqual({ balance: 485, in_flight: 0 })

  expect([...gateway.sandbox.requests.keys()]).toEqual([])
  expect(gateway.sandbox.submissions).toEqual([])
  expect((await realLedger()).json.data).toEqual(before)
  expect(await real.balance()).toBe(100)
  expect((await gateway.operator('GET', '/tasks')).json.data).toEqual(stored.json.data)
  expect((await gateway.operator('GET', `/tasks/${id}`)).status).toBe(404)
  expect((await gateway.operator('GET', '/ledger/verify')).json.data).toMatchObject({ ok: true, entries: 1 })
  expect((await gateway.operator('GET', `/accounts/${real.accountId}`)).json.data).toMatchObject({
    balance: 100,
    tasks_in_flight: 0,
  })
  const { text } = await gateway.call('GET', '/metrics')
  expect(text).not.toMatch(/^tollgate_tasks_created_total\{/m)
  expect(text).not.toMatch(/route="\/api\/v1\/tasks\/create"/)
})

test('the result is a real file under /test/media, for anybody who has the link', async () => {
  const { task_id: id } = (await play.create(picture)).json.data
  const { image_url: url } = await play.kept(id)
  expect(url).toMatch(new RegExp(`^${gateway.url}/test/media/[\\w-]{32}\\.png$`))
  const answer = await fetch(url)
  expect([
    answer.status,
    answer.headers.get('content-type'),
    answer.headers.get('x-tollgate-sandbox'),
  ]).toEqual([200, 'image/png', 'true'])
  expect(
    Buffer.from(await answer.arrayBuffer())
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG')
  expect((await gateway.call('GET', new URL(url).pathname.replace('/test', ''))).status).toBe(404)
})

describe('a real key and a test key of one account', () => {
  test('see nothing of what the other ordered, as if it never was', async () => {
    const { task_id: playId } = (await play.create(picture)).json.data
    const { task_id: realId } = (await real.create(picture)).json.data
    await Promise.all([play.ended(playId), real.ended(realId)])
    expect(await real.get(`/tasks/${playId}`).then(seen)).toEqual(
      failure({ type: 'not_found', field: 'task_id' }),
    )
    expect(await play.get(`/tasks/${realId}`).then(seen)).toEqual(
      failure({ type: 'not_found', field: 'task_id' }),
    )
    const idsOf = async ({ get }: Pick<Customer, 'get'>) =>
      (await get('/tasks')).json.data.tasks.map(({ task_id: id }: { task_id: string }) => id)
    expect(await idsOf(real)).toEqual([realId])
    expect(await idsOf(play)).toContain(playId)
    expect(await idsOf(play)).not.toContain(realId)
  })

  test('only answers to the test key bear x-tollgate-sandbox, refusals too', async () => {
    const paths = ['/tasks', '/credits', '/models', '/tasks/tsk_unknown', '/nothing']
    for (const path of paths) {
      expect(marked(await play.get(path)), path).toBe('true')
      expect(marked(await real.get(path)), path).toBeNull()
    }
    expect(marked(await play.create('{'))).toBe('true')
    expect(marked(await real.create('{'))).toBeNull()
    expect(marked(await play.create({ ...picture, callback_url: 'http://localhost/' }))).toBe('true')
  })

  test('take turns on one connection, and each is answered by its own gateway', async () => {
    const ask = (key: string) => `GET /api/v1/credits HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\n`
    const text = await exchange(
      gateway.url,
      `${ask(real.key)}\r\n${ask(play.key)}\r\n${ask(real.key)}\r\n${ask(play.key)}Connection: close\r\n\r\n`,
    )
    const [, ...answers] = text.split('HTTP/1.1 200 OK')
    expect(answers.map((answer) => /x-tollgate-sandbox: true/i.test(answer))).toEqual([
      false,
      true,
      false,
      true,
    ])
  })
})

describe('whatever way a key is written', () => {
  const open = async (headers: Record<string, string>) =>
    await gateway.call('GET', '/api/v1/credits', { headers })

  test.each([
    ['the scheme in another case', (key: string) => `bEARER ${key}`],
    ['spaces between scheme and key', (key: string) => `Bearer    ${key}`],
    ['spaces after it', (key: string) => `Bearer ${key}  `],
  ])('%s: each key opens its own gateway', async (_name, write) => {
    const [byPlay, byReal] = [
      await open({ authorization: write(play.key) }),
      await open({ authorization: write(real.key) }),
    ]
    expect([byPlay.status, marked(byPlay)]).toEqual([200, 'true'])
    expect([byReal.status, marked(byReal)]).toEqual([200, null])
    expect(byPlay.json.data.balance).not.toBe(byReal.json.data.balance)
  })

  test.each([
    ['a test key in capitals', () => `Bearer ${play.key.toUpperCase()}`],
    ['another scheme', () => `Token ${play.key}`],
    ['no scheme', () => play.key],
    ['a real key behind the beginning of a test key', () => `Bearer sk-test-${real.key}`],
    ['a real key with its beginning exchanged', () => `Bearer sk-test-${real.key.slice(3)}`],
    ['a test key with its beginning exchanged', () => `Bearer sk-${play.key.slice(8)}`],
    ['both keys', () => `Bearer ${play.key}, Bearer ${real.key}`],
    ['both keys, the real one first', () => `Bearer ${real.key}, Bearer ${play.key}`],
    ['nothing but its beginning', () => 'Bearer sk-test-'],
  ])('%s opens nothing', async (_name, header) => {
    const answer = await open({ authorization: header() })
    expect(seen(answer)).toEqual(failure({ type: 'unauthorized', status: 401 }))
  })

  test('of two headers the first counts, for who answers and for who is let in', async () => {
    const ask = async (...keys: string[]) =>
      await exchange(
        gateway.url,
        `GET /api/v1/credits HTTP/1.1\r\nHost: a\r\n${keys.map((key) => `Authorization: Bearer ${key}\r\n`).join('')}Connection: close\r\n\r\n`,
      )
    expect(await ask(real.key, play.key)).toMatch(/^HTTP\/1\.1 200 (?![^]*x-tollgate-sandbox)/)
    expect(await ask(play.key, real.key)).toMatch(/^HTTP\/1\.1 200 [^]*x-tollgate-sandbox: true/i)
  })

  test('a test key opens no path of the operator, and the admin token none behind test keys', async () => {
    const answer = await gateway.call('GET', '/admin/v1/accounts', { key: play.key })
    expect([answer.status, marked(answer)]).toEqual([401, 'true'])
    expect((await gateway.call('GET', '/test/admin/v1/accounts', { key: adminToken })).status).toBe(404)
  })
})

describe('paths below /test', () => {
  test('take a test key, and lead nowhere for a real one or for none', async () => {
    const path = '/test/api/v1/credits'
    const byPlay = await gateway.call('GET', path, { key: play.key })
    expect([byPlay.status, marked(byPlay)]).toEqual([200, 'true'])
    for (const options of [{ key: real.key }, {}])
      expect(await gateway.call('GET', path, options).then(seen)).toEqual(
        failure({ type: 'not_found', status: 404 }),
      )
  })

  test('have no pages, no metrics and no health', async () => {
    for (const path of ['/test/metrics', '/test/readyz', '/test/docs', '/test', '/test/'])
      expect((await gateway.call('GET', path, { key: play.key })).status, path).toBe(404)
  })

  test('a callback with a wrong token changes nothing', async () => {
    const { status } = await gateway.call('POST', '/test/callbacks/keevx/att_x/y', { body: {} })
    expect(status).toBe(404)
  })
})

test('pages and metrics are the same with a test key', async () => {
  for (const path of ['/docs', '/openapi.json', '/healthz']) {
    const [plain, keyed] = [
      await gateway.call('GET', path),
      await gateway.call('GET', path, { key: play.key }),
    ]
    expect(keyed.text, path).toBe(plain.text)
  }
})

test('an unknown test key is refused like an unknown real one', async () => {
  const [byPlay, byReal] = [
    await gateway.call('POST', '/api/v1/tasks/create', { key: newSecret('test'), body: picture }),
    await gateway.call('POST', '/api/v1/tasks/create', { key: newSecret(), body: picture }),
  ]
  for (const answer of [byPlay, byReal])
    expect(seen(answer)).toEqual(failure({ type: 'unauthorized', status: 401 }))
  expect(byPlay.json.msg).toBe(byReal.json.msg)
  expect(byPlay.headers.get('www-authenticate')).toBe('Bearer')
})

test('a test key is listed as one, with its beginning, and its secret is nowhere', async () => {
  const { json, text } = await gateway.operator('GET', `/accounts/${real.accountId}/keys`)
  expect(json.data.keys).toMatchObject([
    { test: false, prefix: `${real.key.slice(0, 7)}…` },
    { test: true, prefix: `${play.key.slice(0, 12)}…` },
  ])
  expect(text).not.toContain(play.key)
})

test('drills: fail and lost give the play credits back, each with its reason', async () => {
  const before = (await play.get('/credits')).json.data.balance
  const ids = await Promise.all(
    ['this shall fail', 'this gets lost'].map(
      async (prompt) => (await play.create({ ...picture, prompt })).json.data.task_id,
    ),
  )
  const [failed, lost] = await Promise.all(ids.map(async (id) => await play.ended(id)))
  expect(failed).toMatchObject({ task_status: 4, credits_refunded: 15 })
  expect(lost).toMatchObject({ task_status: 4, credits_refunded: 15 })
  expect(failed.error_message).not.toBe(lost.error_message)
  await until(
    async () => (await play.get('/credits')).json.data.balance,
    (balance) => balance === before,
  )
})
