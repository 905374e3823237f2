// Operators by name: who may do what, and that whatever one of them changes is in the audit.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../src/ids.ts'
import { needs } from '../../src/http/admin/needs.ts'
import { adminToken, quickYaml, startGateway } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { failure, seen } from './expectations.ts'

const tokens = {
  anna: `op-anna-${'a'.repeat(40)}`,
  ben: `op-ben-${'b'.repeat(40)}`,
  cleo: `op-cleo-${'c'.repeat(40)}`,
}
const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')
const operators = `
operators:
  anna: { token_hash: "${hashOf(tokens.anna)}", role: owner }
  ben: { token_hash: "sha256:${hashOf(tokens.ben).toUpperCase()}", role: support, refunds_up_to: 10 }
  cleo: { token_hash: "${hashOf(tokens.cleo)}", role: viewer }
network: { trusted_proxies: [127.0.0.0/8] }
`

let gateway: Gateway
const lines: string[] = []
beforeAll(async () => {
  gateway = await startGateway({ yaml: `${quickYaml}${operators}`, onLog: (line) => void lines.push(line) })
})
afterAll(async () => await gateway.stop())

type Who = keyof typeof tokens | 'admin'

async function as(who: Who, method: string, path: string, body?: object) {
  const key = who === 'admin' ? adminToken : tokens[who]
  const headers = { 'x-forwarded-for': '203.0.113.7' }
  return await gateway.call(method, `/admin/v1${path}`, { key, headers, ...(body && { body }) })
}

const acts = async (query = '') => (await as('cleo', 'GET', `/audit${query}`)).json.data.acts

interface Operation {
  readonly method: string
  readonly path: string
  readonly id: string
}

async function operations(): Promise<Operation[]> {
  const { json } = await gateway.call('GET', '/admin/openapi.json')
  const paths = Object.entries(json.paths as Record<string, Record<string, { operationId: string }>>)
  return paths.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId: id }]) => ({
      method: method.toUpperCase(),
      path: path.replace('/admin/v1', ''),
      id,
    })),
  )
}

test('each route of the operator API has a role, and nothing else has one', async () => {
  const ids = (await operations()).map(({ id }) => id)
  expect(ids.length).toBeGreaterThan(15)
  expect(ids.toSorted()).toEqual(Object.keys(needs).toSorted())
})

test('whoever may look changes nothing: every route that does is refused to viewers and support', async () => {
  const changing = (await operations()).filter(({ method }) => method !== 'GET')
  expect(changing.length).toBeGreaterThan(5)
  for (const { method, path, id } of changing) {
    const denied = (['viewer', 'support'] as const).filter((role) => isBelow(role, needs[id]))
    for (const role of denied) {
      const answer = await as(role === 'viewer' ? 'cleo' : 'ben', method, path.replace('{id}', 'x'), {})
      expect({ id, role, answer: seen(answer) }).toEqual({
        id,
        role,
        answer: failure({ type: 'unauthorized', status: 403 }),
      })
    }
  }
  // A stream never ends.
  const reading = (await operations()).filter(({ method, id }) => method === 'GET' && id !== 'watchAllTasks')
  for (const { path, id } of reading) {
    const { status } = await as('cleo', 'GET', path.replace('{id}', 'x'))
    expect({ id, status }).toEqual({ id, status: expect.not.stringMatching(/^40[13]$/) })
    expect([401, 403]).not.toContain(status)
  }
})

const ranks = ['viewer', 'support', 'owner']
const isBelow = (role: string, needed = 'owner') => ranks.indexOf(role) < ranks.indexOf(needed)

test.each(['', 'op-anna', `${tokens.anna}a`, hashOf(tokens.anna)])(
  'a token that is nobody’s opens nothing: %s',
  async (key) => {
    const answer = await gateway.call('GET', '/admin/v1/stats', { key })
    expect(seen(answer)).toEqual(failure({ type: 'unauthorized', status: 401 }))
  },
)

test('the operator is told what he can do, and not what customers can', async () => {
  const wrong = await gateway.call('GET', '/admin/v1/stats', { key: 'nonsense' })
  expect(wrong.json.error.message).toMatch(/admin token.*ADMIN_TOKEN/)
  expect((await as('admin', 'GET', '/tasks/none')).json.error.message).toBe('There is no task with this id.')
})

test('no token and no hash of an operator is shown or logged', async () => {
  await as('anna', 'GET', '/accounts')
  const shown = lines.join('\n') + JSON.stringify(await acts())
  for (const token of Object.values(tokens)) {
    expect(shown).not.toContain(token)
    expect(shown).not.toContain(hashOf(token))
  }
})

async function endedTask(): Promise<{ readonly id: string; readonly requestId: string }> {
  const customer = await gateway.customer(100)
  const { data } = (await customer.create({ model_id: 'gpt-image-2', prompt: 'a heron' })).json
  await customer.ended(data.task_id)
  return { id: data.task_id, requestId: data.request_id }
}

test('support gives back up to its bound for one task, also in parts, and an owner gives more', async () => {
  const { id } = await endedTask()
  const refund = async (who: Who, credits: number) =>
    await as(who, 'POST', `/tasks/${id}/refund`, { credits, reason: 'too dark' })
  expect(seen(await refund('ben', 11))).toEqual(
    failure({ type: 'unauthorized', status: 403, field: 'credits' }),
  )
  expect((await refund('ben', 6)).json.data).toEqual({ refunded: 6, balance: 91 })
  expect(seen(await refund('ben', 5))).toEqual(
    failure({ type: 'unauthorized', status: 403, field: 'credits' }),
  )
  expect((await refund('admin', 5)).json.data).toEqual({ refunded: 5, balance: 96 })
  expect((await refund('cleo', 1)).status).toBe(403)
  expect((await acts(`?target=${id}`)).map(({ actor }: { actor: string }) => actor)).toEqual(['admin', 'ben'])
})

describe('the audit', () => {
  test('has who changed what, from where, before and after', async () => {
    const { id } = (await as('anna', 'POST', '/accounts', { name: 'shop', credits: 5 })).json.data
    await as('admin', 'PATCH', `/accounts/${id}`, { status: 'suspended', limits: { credits_total: 70 } })
    const common = {
      origin: '203.0.113.7',
      target: id,
      created_at: expect.any(Number),
      id: expect.any(Number),
    }
    expect(await acts(`?target=${id}`)).toEqual([
      {
        ...common,
        actor: 'admin',
        action: 'changeAccount',
        before: { status: 'active', credits_total: null },
        after: { status: 'suspended', credits_total: 70 },
      },
      {
        ...common,
        actor: 'anna',
        action: 'createAccount',
        before: null,
        after: { name: 'shop', balance: 5 },
      },
    ])
    expect((await acts('?actor=anna')).map(({ actor }: { actor: string }) => actor)).toEqual(['anna'])
  })

  test('has a row for each route that changes something, in the name of who did it, without secrets', async () => {
    const account = (await as('admin', 'POST', '/accounts', { name: 'walk' })).json.data.id
    const key = (await as('admin', 'POST', `/accounts/${account}/keys`, { name: 'till' })).json.data
    const batch = (await as('admin', 'POST', '/codes', { credits: 5, count: 2 })).json.data.batch_id
    const task = await endedTask()
    const orphan = newId('orph', Date.now())
    await gateway.store
      .write(`INSERT INTO orphans (id, reason, upstream, upstream_task_id, request_id, credits, created_at)
      VALUES ('${orphan}', 'extra_id', 'keevx', 'i2is-extra', '${task.requestId}', 15, ${Date.now()})`)
    const calls: Readonly<Record<string, () => ReturnType<typeof as>>> = {
      createAccount: () => as('anna', 'POST', '/accounts', { name: 'another' }),
      changeAccount: () => as('anna', 'PATCH', `/accounts/${account}`, { status: 'active' }),
      createLink: () => as('anna', 'POST', `/accounts/${account}/link`, {}),
      createKey: () => as('anna', 'POST', `/accounts/${account}/keys`, { name: 'second' }),
      changeKey: () => as('anna', 'PATCH', `/keys/${key.id}`, { limits: { credits_per_day: 3 } }),
      revokeKey: () => as('anna', 'DELETE', `/keys/${key.id}`),
      grantCredits: () =>
        as('anna', 'POST', `/accounts/${account}/credits`, { amount: 9, private_note: 'paid' }),
      reloadModels: () => as('anna', 'POST', '/models/reload'),
      createCodes: () => as('anna', 'POST', '/codes', { credits: 5, count: 2 }),
      voidCodes: () => as('anna', 'DELETE', `/codes/${batch}`),
      refundTask: () => as('anna', 'POST', `/tasks/${task.id}/refund`, { credits: 5, reason: 'black' }),
      eraseAccount: () => as('anna', 'DELETE', `/accounts/${account}?confirm=${account}&forfeit=true`),
      reconcile: () => as('anna', 'POST', `/reconcile/${orphan}`, { decision: 'write_off', reason: 'old' }),
    }
    // A test of receivers changes nothing.
    const changing = (await operations()).filter(({ method, id }) => method !== 'GET' && id !== 'testAlerts')
    expect(Object.keys(calls).toSorted()).toEqual(changing.map(({ id }) => id).toSorted())
    for (const [id, call] of Object.entries(calls)) {
      const [before] = await acts('?limit=1')
      const answer = await call()
      expect({ id, status: answer.status, text: answer.text }).toMatchObject({
        status: expect.toBeOneOf([200, 201]),
      })
      const [last, ...more] = (await acts('?limit=5')).filter((act: { id: number }) => act.id > before.id)
      expect({ id, last, more }).toMatchObject({
        last: { actor: 'anna', action: id, origin: '203.0.113.7' },
        more: [],
      })
      expect(JSON.stringify(last)).not.toMatch(/sk-[0-9A-Za-z]{32}|hash|link\//)
    }
  })

  test('has nothing of what was refused, or changed nothing', async () => {
    const account = (await as('admin', 'POST', '/accounts', { name: 'quiet' })).json.data.id
    const grant = { amount: 10, idempotency_key: 'bill-7' }
    await as('anna', 'POST', `/accounts/${account}/credits`, grant)
    const count = async () => (await acts(`?target=${account}`)).length
    const before = await count()
    await as('anna', 'POST', `/accounts/${account}/credits`, grant)
    await as('anna', 'POST', `/accounts/${account}/credits`, { amount: 0 })
    await as('anna', 'PATCH', `/accounts/${account}`, {})
    await as('cleo', 'PATCH', `/accounts/${account}`, { status: 'suspended' })
    expect(await count()).toBe(before)
  })

  test('says what the account owes after credits were taken back', async () => {
    const made = await as('admin', 'POST', '/accounts', { name: 'charged back', credits: 40 })
    const account: string = made.json.data.id
    await as('anna', 'POST', `/accounts/${account}/credits`, { amount: -100 })
    const [last] = await acts(`?target=${account}&limit=1`)
    expect(last.after).toMatchObject({ amount: -100, balance: 0, owed: 60 })
  })

  test('is read in pages, and never changed', async () => {
    const all = await acts('?limit=100')
    const pages: unknown[] = []
    let cursor = ''
    do {
      const { json } = await as('ben', 'GET', `/audit?limit=3&cursor=${cursor}`)
      pages.push(...json.data.acts)
      cursor = json.data.next_cursor ?? ''
    } while (cursor !== '')
    expect(pages).toEqual(all)
    for (const statement of ["UPDATE acts SET actor = 'nobody'", 'DELETE FROM acts'])
      await expect(gateway.store.write(statement)).rejects.toThrow('acts are append-only')
  })

  test('is written with the act or neither is', async () => {
    const account = (await as('admin', 'POST', '/accounts', { name: 'both' })).json.data.id
    await gateway.store.addTrigger({
      name: 'no_more_acts',
      on: 'BEFORE INSERT ON acts',
      when: "NEW.action = 'grantCredits'",
      refuses: 'the disk of the audit is full',
    })
    const answer = await as('anna', 'POST', `/accounts/${account}/credits`, { amount: 10 })
    expect(answer.status).toBe(500)
    expect((await as('anna', 'GET', `/accounts/${account}`)).json.data.balance).toBe(0)
  })
})
