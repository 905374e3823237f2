// What the tests of the queue do again and again: crowds that wait, and orders that are posted one at a time.
import { expect } from 'vitest'
import type { Caller } from '../../src/accounts/callers.ts'
import { verifyLedger } from '../../src/ledger/verify.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { lateness } from '../../src/tasks/rescue/rescue.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

export const never = new AbortController().signal
const unlimitedWith = (inFlight: 'auto' | number) => `
upstreams:
  keevx: { adapter: keevx, submit: { queue_for: 30m, timeout: 30s, after_429: 30s, in_flight: ${inFlight} } }
limits: { requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off }
`
export const unlimited = unlimitedWith('auto')
export const open = async (inFlight: 'auto' | number = 'auto') =>
  await openDomainHarness({ yaml: unlimitedWith(inFlight) })

/** Who ordered each, in the order in which they are posted one at a time. */
export async function posted(domain: DomainHarness, count: number): Promise<string[]> {
  const accounts: string[] = []
  for (let at = 0; at < count; at += 1) {
    for (const submission of await claimSubmissions(domain.ctx, domain.keevx, 1)) {
      accounts.push(submission.request.accountId)
      await submit(domain.ctx, submission, never)
    }
  }
  return accounts
}

export const flood = async (domain: DomainHarness, caller: Caller, orders: number): Promise<void> => {
  for (let at = 0; at < orders; at += 1) await domain.order(caller)
}

/** So many queued orders, written as a create writes them, without the work of as many creates. */
export async function crowd(
  { store, clock }: DomainHarness,
  accountId: string,
  orders: number,
  upstream = 'keevx',
): Promise<void> {
  await store.write(`
    CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${orders}) SELECT i FROM c;
    INSERT INTO requests (id, account_id, key_id, model_id, task_type, upstream, order_json, state, due_at, attempts_made,
      retries_made, failures_in_row, created_at)
      SELECT 'req_00' || '${accountId}' || '${upstream}' || substr(CAST(100000000 + i AS text), 2), '${accountId}', 'k', 'm', 'image', '${upstream}',
      '{"count":1}', 'queued', ${clock.now()}, 0, 0, 0, ${clock.now()} FROM n;
    INSERT INTO tasks (id, request_id, account_id, model_id, task_type, state, credits, credits_refunded, upstream,
      operation, upstream_pending, polls_made, missing_in_row, created_at)
      SELECT replace(id, 'req', 'task'), id, account_id, 'm', 'image', 'queued', 0, 0, '${upstream}', 'image_generate', false, 0, 0,
      created_at FROM requests WHERE id LIKE 'req_00${accountId}${upstream}%';
    INSERT INTO entries (account_id, kind, amount, balance_after, task_id, created_at)
      SELECT account_id, 'charge', 0, 0, id, created_at FROM tasks WHERE id LIKE 'task_00${accountId}${upstream}%';
    UPDATE accounts SET tasks_open = tasks_open + ${orders} WHERE id = '${accountId}'`)
}

export const sound = async ({ ctx, clock }: DomainHarness) =>
  expect(await verifyLedger(ctx.db, clock.now(), lateness(ctx.config))).toMatchObject({ drift: [] })
