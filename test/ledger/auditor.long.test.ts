// The auditor beside a serving gateway: one audit at a time, within a deadline, in a thread that changes nothing.
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { auditInThread } from '../../src/ledger/audit.ts'
import type { AuditSignals } from '../../src/ledger/audit.ts'
import { createAuditor } from '../../src/ledger/auditor.ts'
import type { AuditorOptions } from '../../src/ledger/auditor.ts'
import { neverLate } from '../../src/ledger/verify.ts'
import type { Lateness, Verification } from '../../src/ledger/pass/pass.ts'
import { manualClock } from '../support/clock.ts'
import { fileOf } from '../support/stores/sqlite-file.ts'
import { openAudited } from './audited.ts'

const never = { signal: new AbortController().signal, onSlice: () => undefined }
const healthy: Verification = { ok: true, accounts: 1, entries: 1, drift: [] }
const broken: Verification = {
  ...healthy,
  ok: false,
  drift: [
    { check: 'one', id: 'a', expected: '1', found: '2' },
    { check: 'one', id: 'b', expected: '1', found: '3' },
    { check: 'two', id: 'c', expected: '0', found: '1' },
  ],
}
const late: Lateness = { overdueMs: 60_000, queueForMs: 1_000 }

function openAuditor(run: AuditorOptions['run']) {
  const clock = manualClock()
  const metrics = createMetrics()
  const logged: any[] = []
  const log = createLog('info', { write: (line) => void logged.push(JSON.parse(line)) })
  const failures = async () =>
    Number(/^tollgate_ledger_verify_failures_total (\d+)$/m.exec(await metrics.registry.metrics())?.[1])
  return { clock, logged, failures, auditor: createAuditor({ clock, log, metrics }, { run, late }) }
}

/** Runs that end when a test says so. */
function held() {
  const runs: (AuditSignals & { readonly late: Lateness; end(found: Verification): void })[] = []
  const run: AuditorOptions['run'] = async (_nowMs, lateness, signals) =>
    await new Promise((resolve) => runs.push({ late: lateness, ...signals, end: resolve }))
  return { runs, run }
}

describe('the auditor', () => {
  test('runs one audit at a time: whoever asks meanwhile gets the answer of that one', async () => {
    const { runs, run } = held()
    const { auditor } = openAuditor(run)
    const asked = [auditor.verify(), auditor.verify(), auditor.verify()]
    expect(runs).toHaveLength(1)
    runs[0]?.end(healthy)
    expect(await Promise.all(asked)).toEqual([healthy, healthy, healthy])
    const next = auditor.verify()
    expect(runs).toHaveLength(2)
    runs[1]?.end(broken)
    expect(await next).toEqual(broken)
  })

  test('tells the log each promise that is broken, once, and remembers what it found and how long it took', async () => {
    const { runs, run } = held()
    const { auditor, clock, logged } = openAuditor(run)
    expect(auditor.last()).toBeNull()
    const startedAt = clock.now()
    const asked = auditor.verify()
    clock.advance(1_500)
    runs[0]?.end(broken)
    await asked
    expect(auditor.last()).toEqual({ ok: false, drift: broken.drift, atMs: startedAt, tookMs: 1_500 })
    expect(logged).toMatchObject([
      { level: 'error', check: 'one', rows: 2, first: { id: 'a' }, msg: 'the ledger breaks a promise' },
      { level: 'error', check: 'two', rows: 1, first: { id: 'c' } },
    ])
  })

  test('counts and tells an audit that fails, keeps what the last one found, and begins another when asked', async () => {
    let works = true
    const { auditor, logged, failures } = openAuditor(async () => {
      if (works) return healthy
      throw new Error('the disk is gone.')
    })
    await auditor.verify()
    works = false
    const last = auditor.last()
    await expect(auditor.verify()).rejects.toMatchObject({
      type: 'unavailable',
      message: expect.stringContaining('the disk is gone.'),
    })
    expect(await failures()).toBe(1)
    expect(logged).toMatchObject([{ level: 'error', msg: 'the ledger could not be verified' }])
    expect(auditor.last()).toBe(last)
    works = true
    expect(await auditor.verify()).toEqual(healthy)
  })

  test('gives up at its deadline, and begins no other while the one given up still has the store', async () => {
    const { runs, run } = held()
    const { auditor, clock, failures } = openAuditor(run)
    const asked = auditor.verify()
    clock.advance(5 * 60_000 - 1)
    expect(runs[0]?.signal.aborted).toBe(false)
    clock.advance(1)
    await expect(asked).rejects.toMatchObject({ type: 'unavailable', retryAfterMs: 60_000 })
    expect(runs[0]?.signal.aborted).toBe(true)
    expect(await failures()).toBe(1)
    await expect(auditor.verify()).rejects.toMatchObject({ type: 'unavailable' })
    expect(runs).toHaveLength(1)
    runs[0]?.end(healthy)
    await new Promise(setImmediate)
    // A late answer is of a state long gone.
    expect(auditor.last()).toBeNull()
    const next = auditor.verify()
    expect(runs).toHaveLength(2)
    runs[1]?.end(healthy)
    expect(await next).toEqual(healthy)
  })

  test('has as long as it takes, while it reads one slice after another: a large store is audited to its end', async () => {
    const { runs, run } = held()
    const { auditor, clock } = openAuditor(run)
    const startedAt = clock.now()
    const asked = auditor.verify()
    for (let slices = 0; slices < 100; slices += 1) {
      clock.advance(4 * 60_000)
      await new Promise(setImmediate)
      runs[0]?.onSlice()
    }
    expect(runs[0]?.signal.aborted).toBe(false)
    runs[0]?.end(healthy)
    expect(await asked).toEqual(healthy)
    // Its age is that of what was read first, not of what was read last.
    expect(auditor.last()).toMatchObject({ atMs: startedAt, tookMs: 400 * 60_000 })
  })

  test('is given up where it stands still, however far it has come', async () => {
    const { runs, run } = held()
    const { auditor, clock } = openAuditor(run)
    const asked = auditor.verify()
    clock.advance(4 * 60_000)
    runs[0]?.onSlice()
    clock.advance(4 * 60_000)
    await new Promise(setImmediate)
    expect(runs[0]?.signal.aborted).toBe(false)
    clock.advance(60_000)
    await expect(asked).rejects.toMatchObject({ type: 'unavailable', retryAfterMs: 60_000 })
    expect(runs[0]?.signal.aborted).toBe(true)
    runs[0]?.end(healthy)
  })

  test('calls nothing forgotten until the process is a minute old: what it found, it is ending still', async () => {
    const { runs, run } = held()
    const { auditor, clock } = openAuditor(run)
    for (const wanted of [neverLate, late]) {
      const asked = auditor.verify()
      expect(runs.at(-1)?.late).toEqual(wanted)
      runs.at(-1)?.end(healthy)
      await asked
      clock.advance(60_000)
    }
  })

  test('stops at once, and says so to whoever waits, without counting a failure', async () => {
    const { auditor, failures } = openAuditor(
      async (_nowMs, _late, { signal }) =>
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('ended')))
        }),
    )
    const asked = auditor.verify()
    const stopped = auditor.stop()
    await expect(asked).rejects.toThrow('is stopping')
    await stopped
    expect(await failures()).toBe(0)
  })
})

describe('the thread', () => {
  const order = (domain: Awaited<ReturnType<typeof openAudited>>['domain']) => ({
    databaseUrl: domain.store.databaseUrl,
    nowMs: domain.clock.now(),
    late,
  })

  test('finds what the auditor finds within the process, in a store that is good and in one that is not', async () => {
    const { domain, verify, damage } = await openAudited()
    expect(await auditInThread(order(domain), never)).toEqual(await verify())
    await damage('UPDATE accounts SET balance = balance + 1')
    const found = await auditInThread(order(domain), never)
    expect(found).toEqual(await verify())
    expect(found).toMatchObject({ ok: false, drift: [{ check: 'an account holds the sum of its entries' }] })
  })

  test('changes no byte of what it looks at', async () => {
    const { domain } = await openAudited()
    const [file, copy] = [fileOf(domain.store.databaseUrl), join(domain.folder, 'copy.db')]
    for (const suffix of ['', '-wal']) copyFileSync(`${file}${suffix}`, `${copy}${suffix}`)
    const bytes = () => ['', '-wal'].map((suffix) => readFileSync(`${copy}${suffix}`))
    const before = bytes()
    expect(await auditInThread({ ...order(domain), databaseUrl: `file:${copy}` }, never)).toMatchObject({
      ok: true,
      entries: 6,
    })
    for (const [at, read] of bytes().entries()) expect(read.equals(before[at] ?? Buffer.alloc(0))).toBe(true)
  })

  test('says what it cannot look at, and makes no store where there is none', async () => {
    const { domain } = await openAudited()
    const missing = { ...order(domain), databaseUrl: `file:${join(domain.folder, 'missing.db')}` }
    await expect(auditInThread(missing, never)).rejects.toThrow(/There is no store at .*missing\.db/)
    await expect(auditInThread(missing, never)).rejects.toThrow('There is no store')
  })

  test('leaves the event loop to others while it looks at tens of thousands of entries, and ends when told', async () => {
    const { domain, verify, damage } = await openAudited()
    await damage(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
      INSERT INTO entries (account_id, kind, amount, balance_after, created_at)
      SELECT id, 'grant', 1, balance + i, 1 FROM accounts, n`)
    const ticksDuring = async (work: () => Promise<unknown>): Promise<number> => {
      let ticks = 0
      const timer = setInterval(() => (ticks += 1), 1)
      await work()
      clearInterval(timer)
      return ticks
    }
    const audit = async () =>
      expect(await auditInThread(order(domain), never)).toMatchObject({ entries: 60_006 })
    expect(await ticksDuring(audit)).toBeGreaterThan(20)
    // Within the process nobody else has a turn until all is read.
    expect(await ticksDuring(verify)).toBeLessThan(5)

    const ending = new AbortController()
    const ended = auditInThread(order(domain), { ...never, signal: ending.signal })
    ending.abort()
    await expect(ended).rejects.toThrow('ended without a word')
  })
})
