// Each rule finds what it is for, in a real store, and nothing else.
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createRules } from '../../src/alerts/rules/all.ts'
import type { Finding, Rule } from '../../src/alerts/rules/rule.ts'
import { noteCopy } from '../../src/alerts/copies.ts'
import type { AlertRuleName } from '../../src/config/alerts.ts'
import type { Audited, Auditor } from '../../src/ledger/auditor.ts'
import { newId } from '../../src/ids.ts'
import { grant, noNotes } from '../../src/ledger/grant.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

function auditorOf(last: () => Audited | null): Auditor {
  return {
    verify: async () => await Promise.reject(new Error('not asked')),
    last,
    stop: async () => undefined,
  }
}

interface Ruled {
  readonly harness: DomainHarness
  find(name: AlertRuleName): Promise<readonly Finding[] | null>
}

async function open(rules = '', last: () => Audited | null = () => null, yaml = ''): Promise<Ruled> {
  const text = `alerts: { rules: { ${rules} } }\n${yaml}`
  const harness = await openDomainHarness({ yaml: text, upstreamKeys: 'one,two' })
  const all: Rule[] = createRules(harness.ctx, auditorOf(last))
  return {
    harness,
    async find(name) {
      const rule = all.find((one) => one.name === name)
      if (!rule) throw new Error(`${name} is off`)
      return await rule.find(harness.clock.now())
    },
  }
}

/** Posts every order that waits and may be posted now. */
async function post({ ctx, keevx }: DomainHarness): Promise<void> {
  for (const claimed of await claimSubmissions(ctx, keevx, 50)) await submit(ctx, claimed, never)
}

const never = new AbortController().signal

test('every rule is on unless it is switched off, and finds nothing in a new store', async () => {
  const { harness, find } = await open('disk: { below: 1B }')
  const names = createRules(
    harness.ctx,
    auditorOf(() => null),
  ).map(({ name }) => name)
  expect(names).toHaveLength(10)
  for (const name of names) expect((await find(name)) ?? []).toEqual([])
  const off = await open(names.map((name) => `${name}: false`).join(', '))
  expect(
    createRules(
      off.harness.ctx,
      auditorOf(() => null),
    ),
  ).toEqual([])
})

test('a key that the upstream refuses, and an upstream without a key that works', async () => {
  const { harness, find } = await open()
  harness.submitted = (_order, key) =>
    key === 'one'
      ? { kind: 'key_rejected', detail: 'HTTP 401' }
      : { kind: 'accepted', taskIds: [newId('task', 0)] }
  const customer = await harness.account(1_000)
  for (let order = 0; order < 4; order += 1) await harness.order(customer)
  await post(harness)
  const refused = await find('key_refused')
  expect(refused).toMatchObject([{ facts: { upstream: 'keevx' } }])
  expect(JSON.stringify(refused)).not.toContain('one')
  expect(await find('keys_resting')).toEqual([])
  harness.submitted = () => ({ kind: 'key_rejected', detail: 'HTTP 401' })
  for (let order = 0; order < 4; order += 1) await harness.order(customer)
  await post(harness)
  expect(await find('key_refused')).toHaveLength(2)
  expect(await find('keys_resting')).toMatchObject([{ subject: 'keevx', facts: { keys: 2 } }])
})

test('many failures of enough tasks within the time, and no old ones', async () => {
  const { harness, find } = await open('failure_rate: { ended_at_least: 4, above_percent: 50, within: 15m }')
  const { clock } = harness
  const customer = await harness.account(10_000)
  const end = async (count: number, outcome: 'refused' | 'accepted') => {
    harness.submitted = () =>
      outcome === 'refused'
        ? { kind: 'refused', reason: 'no', detail: 'no' }
        : { kind: 'accepted', taskIds: [newId('task', 0)] }
    for (let order = 0; order < count; order += 1) await harness.order(customer)
    await post(harness)
  }
  expect(await find('failure_rate')).toBeNull()
  await end(3, 'refused')
  clock.advance(minuteMs)
  expect(await find('failure_rate')).toBeNull()
  await end(2, 'refused')
  expect(await find('failure_rate')).toEqual([
    { subject: '', facts: { failed: 5, ended: 5, percent: 100, minutes: 15 } },
  ])
  for (let minute = 0; minute < 17; minute += 1) {
    clock.advance(minuteMs)
    await find('failure_rate')
  }
  expect(await find('failure_rate')).toEqual([])
})

test('orders that wait long, and how long the oldest does', async () => {
  const { harness, find } = await open('oldest_waiting: { above: 10m }')
  await harness.order(await harness.account(1_000))
  harness.clock.advance(10 * minuteMs)
  expect(await find('oldest_waiting')).toEqual([])
  harness.clock.advance(2 * minuteMs)
  expect(await find('oldest_waiting')).toEqual([{ subject: '', facts: { waiting: 1, minutes: 12 } }])
})

test('outcomes that nobody knows', async () => {
  const { harness, find } = await open('unknown_outcomes: { above: 1 }')
  harness.submitted = () => ({ kind: 'unknown', detail: 'cut off' })
  const customer = await harness.account(1_000)
  await harness.order(customer)
  await post(harness)
  expect(await find('unknown_outcomes')).toEqual([])
  await harness.order(customer, 2)
  await post(harness)
  expect(await find('unknown_outcomes')).toEqual([{ subject: '', facts: { tasks: 3 } }])
})

test('a ledger that breaks a promise, and nothing before the first audit', async () => {
  let last: Audited | null = null
  const { find } = await open('', () => last)
  expect(await find('ledger_drift')).toBeNull()
  last = { ok: true, drift: [], atMs: 0, tookMs: 0 }
  expect(await find('ledger_drift')).toEqual([])
  const drift = [{ check: 'balance', id: 'acc_1', expected: 1, found: 2 }] as never
  last = { ok: false, drift, atMs: 0, tookMs: 0 }
  expect(await find('ledger_drift')).toEqual([{ subject: '', facts: { promises: 'balance', rows: 1 } }])
})

test('work that came after its refund, within the hour', async () => {
  const { harness, find } = await open()
  const { clock, store } = harness
  const { requestId } = await harness.order(await harness.account(1_000))
  const add = async (reason: string) => {
    const id = newId('orph', clock.now())
    await store.write(
      `INSERT INTO orphans (id, reason, upstream, upstream_task_id, request_id, credits, created_at)
       VALUES ('${id}', '${reason}', 'keevx', '${id}', '${requestId}', 15, ${clock.now()})`,
    )
  }
  await add('extra_id')
  expect(await find('late_success')).toEqual([])
  await add('late_success')
  await add('late_accept')
  expect(await find('late_success')).toEqual([{ subject: '', facts: { works: 2, credits: 30 } }])
  // Ids of one process never go back, and its other tests are ahead by minutes.
  clock.advance(180 * minuteMs)
  expect(await find('late_success')).toEqual([])
})

test('a disk with less room than the operator wants', async () => {
  const { harness, find } = await open('disk: { below: 999TB }')
  const [found] = (await find('disk')) ?? []
  expect(found?.facts['folder']).toBe(harness.ctx.config.dataDir)
  expect(found?.facts['free_mb']).toBeGreaterThan(0)
})

test('a store that nobody copies, by our own copies or by a file of the operator’s tool', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-copies-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'dump')
  const { harness, find } = await open(`backup_too_old: { after: 3d, path: '${path}' }`)
  const { clock } = harness
  await harness.account(1)
  expect(await find('backup_too_old')).toEqual([])
  clock.advance(4 * dayMs)
  expect(await find('backup_too_old')).toEqual([{ subject: '', facts: { days: null } }])
  writeFileSync(path, 'a dump')
  utimesSync(path, clock.now() / 1_000, clock.now() / 1_000)
  expect(await find('backup_too_old')).toEqual([])
  clock.advance(5 * dayMs)
  expect(await find('backup_too_old')).toEqual([{ subject: '', facts: { days: 5 } }])
})

test('a copy that was made is remembered by the store, and the last one counts', async () => {
  const { harness, find } = await open('backup_too_old: { after: 3d }')
  const { clock, ctx } = harness
  await harness.account(1)
  clock.advance(4 * dayMs)
  const ours = (await find('backup_too_old')) ?? []
  for (const _ of [1, 2]) {
    await ctx.db.transaction(async (tx) => await noteCopy(tx, clock.now()))
    expect(await find('backup_too_old')).toEqual([])
    clock.advance(4 * dayMs)
    // Where the store is a server of its own, other tools copy it.
    expect(await find('backup_too_old')).toEqual(ours.map(() => ({ subject: '', facts: { days: 4 } })))
  }
})

test('a customer who wants to order and cannot pay, until it orders again', async () => {
  const { harness, find } = await open()
  const { ctx, clock } = harness
  const customer = await harness.account(20)
  await harness.order(customer)
  const body = { model_id: 'gpt-image-2', prompt: 'a heron' }
  await expect(create(ctx, customer, body)).rejects.toThrow('credits')
  expect(await find('customer_at_zero')).toEqual([
    {
      subject: customer.accountId,
      facts: { account: customer.accountId, name: 'customer', balance: 5, cause: 'refused' },
    },
  ])
  clock.advance(30 * minuteMs)
  expect(await find('customer_at_zero')).toHaveLength(1)
  clock.advance(31 * minuteMs)
  expect(await find('customer_at_zero')).toEqual([])
  const richer = await harness.account(20)
  await expect(create(ctx, richer, { ...body, generate_count: 2 })).rejects.toThrow('credits')
  expect(await find('customer_at_zero')).toHaveLength(1)
  await harness.order(richer)
  expect(await find('customer_at_zero')).toEqual([])
})

test('a customer whose last credits a charge took, until there are some again', async () => {
  const { harness, find } = await open()
  const { ctx, clock } = harness
  const body = { model_id: 'gpt-image-2', prompt: 'a heron' }
  const customer = await harness.account(45)
  const other = await harness.account(100)
  // Together, so that they share a transaction: only one of them has nothing left.
  await Promise.all([
    create(ctx, customer, { ...body, generate_count: 2 }),
    create(ctx, other, body),
    create(ctx, customer, body),
  ])
  const spent = { subject: customer.accountId, facts: { balance: 0, cause: 'spent' } }
  expect(await find('customer_at_zero')).toMatchObject([spent])
  const nowMs = clock.now()
  await ctx.db.transaction(
    async (tx) => await grant(tx, { ...customer, amount: 15, notes: noNotes, idempotencyKey: null, nowMs }),
  )
  expect(await find('customer_at_zero')).toEqual([])
  await create(ctx, customer, body)
  expect(await find('customer_at_zero')).toMatchObject([spent])
  await expect(create(ctx, customer, body)).rejects.toThrow('credits')
  expect(await find('customer_at_zero')).toMatchObject([{ ...spent, facts: { cause: 'refused' } }])
})
