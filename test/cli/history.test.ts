// `tollgate demo --history`: days of work that were really done, so that everything adds up, and the same days for the same seed.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeHistory } from '../../src/cli/history/history.ts'
import type { History } from '../../src/cli/history/history.ts'
import { writeOffer } from '../../src/cli/history/offer.ts'
import { loadConfig } from '../../src/config/config.ts'
import type { Config } from '../../src/config/config.ts'
import { storeAt } from '../../src/db/store-at.ts'
import { verifyLedger } from '../../src/ledger/verify.ts'
import { createLog } from '../../src/log.ts'
import type { TestStore } from '../support/stores/dialect.ts'
import { openTestStore } from '../support/test-store.ts'
import { cleanUpAfterwards, newFolder, serving, tollgate } from './command.ts'

cleanUpAfterwards()

const dayMs = 24 * 60 * 60_000
const days = 3
/** Each is drawn. */
const keptOrders = 8
const endMs = Date.UTC(2026, 10, 25, 1, 30)
const folders: string[] = []
const errors: string[] = []
const log = createLog('error', { write: (line) => void errors.push(line) })

interface Made {
  readonly config: Config
  readonly history: History
  readonly store: TestStore
}

function configIn(folder: string): Config {
  const config = loadConfig({ cwd: folder, env: {}, configFile: writeOffer(join(folder, 'data')) })
  return { ...config, publicUrl: 'http://127.0.0.1:8787' }
}

function newConfig(): Config {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-history-test-'))
  folders.push(folder)
  return configIn(folder)
}

async function make(seed: number): Promise<Made> {
  const config = newConfig()
  const history = await makeHistory({ config, log, days, endMs, seed, keptOrders })
  return { config, history, store: openTestStore(config.databaseUrl) }
}

describe('a history of three days', () => {
  let made: Made
  let again: Made
  beforeAll(async () => {
    made = await make(7)
    again = await make(7)
  })
  afterAll(async () => {
    await made.store.close()
    await again.store.close()
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  })

  const rows = async <Row>(sql: string, of = made) => await of.store.rows<Row>(sql)
  const one = async (sql: string) => (await rows<{ found: number }>(sql))[0]?.found

  test('adds up: the ledger, and the reports with it', async () => {
    const db = await storeAt(made.config.databaseUrl).open({ onFatal: () => undefined })
    const late = { overdueMs: 60_000, queueForMs: 60 * 60_000 }
    const found = await verifyLedger(db, endMs, late)
    await db.close()
    expect(found).toMatchObject({ ok: true, drift: [] })
    const charged = await one("SELECT -sum(amount) AS found FROM entries WHERE kind = 'charge'")
    const sold = await one('SELECT sum(credits) AS found FROM tasks')
    expect(charged).toBe(sold)
    expect(await one('SELECT sum(charged) AS found FROM rollups')).toBe(sold)
    expect(await one('SELECT sum(tasks) AS found FROM rollups')).toBe(made.history.tasks)
    expect(errors).toEqual([])
  })

  test('leaves nothing open, and lies within its days', async () => {
    expect(await rows("SELECT id FROM tasks WHERE state NOT IN ('succeeded', 'failed')")).toEqual([])
    expect(await rows('SELECT task_id FROM polls')).toEqual([])
    expect(await rows('SELECT task_id FROM keeps')).toEqual([])
    const perDay = await rows<{ day: number; tasks: number }>(
      `SELECT (created_at - ${endMs - days * dayMs}) / ${dayMs} AS day, count(*) AS tasks FROM tasks GROUP BY 1 ORDER BY 1`,
    )
    expect(perDay.map(({ day }) => day)).toEqual([0, 1, 2])
    expect(Math.min(...perDay.map(({ tasks }) => tasks))).toBeGreaterThan(20)
    expect(await one('SELECT max(finished_at) AS found FROM tasks')).toBeLessThanOrEqual(endMs)
    expect(await one('SELECT max(created_at) AS found FROM tasks')).toBeGreaterThan(endMs - 3 * 3_600_000)
  })

  test('is as life is: a few of several kinds fail, and some things wait for a person', async () => {
    const { tasks, accounts } = made.history
    expect(accounts).toBe(12)
    const failed = Number(await one("SELECT count(*) AS found FROM tasks WHERE state = 'failed'"))
    expect(failed / tasks).toBeGreaterThan(0.02)
    expect(failed / tasks).toBeLessThan(0.1)
    const reasons = await rows("SELECT DISTINCT error_message FROM tasks WHERE state = 'failed'")
    expect(reasons.length).toBeGreaterThanOrEqual(4)
    expect(await one("SELECT count(DISTINCT model_id) AS found FROM tasks WHERE state = 'succeeded'")).toBe(3)
    const works = `SELECT id FROM orphans UNION SELECT id FROM unknown_submits`
    const open = await rows(
      `SELECT id FROM (${works}) w WHERE id NOT IN (SELECT orphan_id FROM orphan_decisions)`,
    )
    expect(open.length).toBeGreaterThanOrEqual(2)
    const kinds = await rows<{ kind: string }>('SELECT DISTINCT kind FROM entries ORDER BY kind')
    expect(kinds.map(({ kind }) => kind)).toEqual([
      'adjust',
      'charge',
      'grant',
      'manual_refund',
      'refund',
      'repayment',
    ])
    expect(await one('SELECT count(*) AS found FROM codes WHERE redeemed_by IS NOT NULL')).toBeGreaterThan(0)
    expect(
      await one("SELECT count(*) AS found FROM webhook_deliveries WHERE state = 'delivered'"),
    ).toBeGreaterThan(50)
    const acts = await rows<{ action: string }>('SELECT DISTINCT action FROM acts')
    expect(acts.map(({ action }) => action)).toEqual(
      expect.arrayContaining([
        'createAccount',
        'createCodes',
        'createKey',
        'grantCredits',
        'reconcile',
        'refundTask',
        'voidCodes',
      ]),
    )
  })

  test('keeps the newest results as files, and shows older ones as expired', async () => {
    const kept = await rows<{ created_at: number }>(
      `SELECT created_at FROM tasks WHERE result_expires_at > ${endMs} ORDER BY created_at`,
    )
    expect(kept.length).toBeGreaterThanOrEqual(keptOrders - 2)
    const expired = `SELECT count(*) AS found FROM tasks WHERE state = 'succeeded' AND result_expires_at <= ${endMs}`
    expect(await one(expired)).toBeGreaterThan(30)
    expect(await one("SELECT count(*) AS found FROM media WHERE part = 'result' AND state = 'kept'")).toBe(
      kept.length,
    )
    expect(existsSync(join(made.config.dataDir, 'media'))).toBe(true)
  })

  test('is the same for the same seed and the same end', async () => {
    const told = `SELECT t.model_id, r.order_json, t.credits, t.state, t.error_message, t.created_at, t.finished_at, a.name
      FROM tasks t JOIN requests r ON r.id = t.request_id JOIN accounts a ON a.id = t.account_id ORDER BY t.created_at, a.name, r.order_json`
    expect(await rows(told, again)).toEqual(await rows(told))
    const entries = `SELECT kind, amount, balance_after FROM entries WHERE kind != 'charge' ORDER BY id`
    expect(await rows(entries, again)).toEqual(await rows(entries))
  })
})

test('half a history is none: what breaks off leaves no store behind', async () => {
  const config = newConfig()
  const onDay = () => {
    throw new Error('the machine is needed for something else')
  }
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('tollgate-history-')).length
  await expect(makeHistory({ config, log, days: 2, endMs, onDay })).rejects.toThrow(
    'needed for something else',
  )
  expect(await storeAt(config.databaseUrl).exists()).toBe(false)
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('tollgate-history-')).length).toBe(before)
})

test('the demo goes on with it live, as its largest customer, and plays none into a store that is there', async () => {
  const folder = newFolder()
  const demo = await serving(folder, ['demo', '--history', '1'])
  const key = /sk-[0-9A-Za-z]{32}/.exec(demo.stdout())?.[0] ?? ''
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const ask = async (path: string, init: RequestInit = {}) =>
    (await (await fetch(`${demo.url}${path}`, { ...init, headers })).json()) as any
  const { data } = await ask('/api/v1/tasks?limit=100')
  expect(data.tasks.length).toBeGreaterThan(5)
  const body = JSON.stringify({ model_id: 'nano-banana-2', prompt: 'a heron' })
  expect(await ask('/api/v1/tasks/create', { method: 'POST', body })).toMatchObject({
    code: 200,
    data: { credits: 9 },
  })
  demo.kill('SIGTERM')
  await demo.ended
  const refused = await tollgate(folder, ['demo', '--history'])
  expect(refused).toMatchObject({ code: 1, stdout: '' })
  expect(refused.stderr).toContain('tollgate demo --history --fresh')
})
