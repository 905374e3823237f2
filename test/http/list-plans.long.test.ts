// No list with any of its filters, and nothing that an operator looks for, looks through a table that grows.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDayReport } from '../../src/alerts/day-report.ts'
import { modelsGone } from '../../src/tasks/unreachable/models-gone.ts'
import { startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { watchStatements } from '../support/statements.ts'

const statements = watchStatements()
let gateway: Gateway
let customer: Customer
let taskId = ''
beforeAll(async () => {
  gateway = await startGateway()
  customer = await gateway.customer(1_000)
  taskId = (await customer.create({ model_id: 'gpt-image-2', prompt: 'a heron' })).json.data.task_id
  await customer.ended(taskId)
  await gateway.operator('POST', '/codes', { credits: 1, count: 2 })
})
afterAll(async () => {
  await gateway.stop()
  statements.restore()
})

/** Both dialects word it so; a search by an index is worded otherwise. */
const scanned = /^(?:->\s+)?(?:SCAN|(?:Parallel )?Seq Scan on) "?(\w+)"?(.*)$/
const growing = new Set(
  'accounts acts alert_messages alerts attempts code_batches codes entries grant_keys keys orphans requests rollups rollup_totals tasks unknown_submits webhook_deliveries'.split(
    ' ',
  ),
)
/** The newest of all, by their index and with a limit, or those few that a partial index holds. */
const bounded = /USING (?:COVERING )?INDEX (?:rollups_once|accounts_models|keys_models)/

/** The first rows of an index, without a condition that could leave any of them out. */
const isFirstRows = (statement: string): boolean =>
  !/ where /i.test(statement) && /order by "?\w+"?\."?id"?(?: desc)? limit \S+$/i.test(statement)

async function scansOf(work: () => Promise<unknown>): Promise<string[]> {
  const asked = await statements.during(work)
  expect(asked.length).toBeGreaterThan(0)
  const found: string[] = []
  for (const statement of new Set(asked)) {
    if (isFirstRows(statement)) continue
    for (const step of await gateway.store.planOf(statement)) {
      const [, table = '', how = ''] = scanned.exec(step) ?? []
      if (growing.has(table) && !bounded.test(how)) found.push(`${step}: ${statement}`)
    }
  }
  return found
}

const operators = async (paths: readonly string[]) => {
  for (const path of paths) expect((await gateway.operator('GET', path)).status, path).toBe(200)
}

test('tasks by account, key, model, status, day, text and error', async () => {
  const one = [
    '',
    'status=1',
    'status=2',
    'status=4',
    'model_id=none',
    'key=key_none',
    'from=2026-11-30&to=2026-11-30',
    'text=heron',
    'error=none',
    'refunded=true',
    'took_above=99999999',
  ]
  const ofAll = one.map((filter) => `/tasks?${filter}`)
  const ofAccount = one.map((filter) => `/tasks?account=${customer.accountId}&${filter}`.replace(/&$/, ''))
  const paths = [...ofAll, ...ofAccount].map((path) => path.replace(/\?$/, ''))
  expect(await scansOf(async () => await operators(paths))).toEqual([])
})

test('the lists of a customer', async () => {
  const paths = ['/tasks', '/tasks?status=4', '/tasks?model_id=none', '/ledger', '/webhooks/deliveries']
  const ask = async () => {
    for (const path of [...paths, '/webhooks/deliveries?status=failed', '/usage'])
      expect((await customer.get(path)).json.code).toBe(200)
  }
  expect(await scansOf(ask)).toEqual([])
})

test('accounts, ledgers, the audit, codes, work that was not sold, alerts', async () => {
  const paths = [
    '/accounts',
    '/accounts?query=customer',
    `/accounts/${customer.accountId}/ledger`,
    `/accounts/${customer.accountId}/keys`,
    '/audit',
    '/audit?actor=cli',
    `/audit?target=${customer.accountId}`,
    '/codes',
    '/codes?status=redeemed',
    '/codes?batch=none',
    '/codes?batch=none&status=void',
    '/reconcile',
    '/reconcile?status=decided',
    '/reconcile?status=all',
    '/alerts',
    '/alerts?state=firing',
    '/report?group=model',
    '/upstreams/health',
  ]
  expect(await scansOf(async () => await operators(paths))).toEqual([])
})

test('whatever is looked for: ids and their beginnings, keys, codes, names, prompts', async () => {
  const texts = [taskId, taskId.slice(0, 8), 'i2is-', 'sk-abc', 'customer', 'heron', customer.key, 'tg-']
  expect(await scansOf(async () => await operators(texts.map((text) => `/find?q=${text}`)))).toEqual([])
})

test('what a start and a day ask', async () => {
  const { ctx } = gateway.app
  const ask = async () => {
    await modelsGone(ctx.db.read, { models: [] })
    await createDayReport(ctx).turn()
  }
  expect(await scansOf(ask)).toEqual([])
})
