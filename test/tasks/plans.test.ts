// However many tasks there are: what the loops and pages ask is found by an index and never by looking through all.
import { afterAll, expect, test } from 'vitest'
import { listAccounts } from '../../src/accounts/accounts.ts'
import { find } from '../../src/find/find.ts'
import { balanceOf, listEntries } from '../../src/ledger/statement.ts'
import { admitCallback } from '../../src/tasks/callbacks/url.ts'
import { claimSubmissions } from '../../src/tasks/submit/submit.ts'
import { createCleaning } from '../../src/tasks/rescue/cleanup.ts'
import { findTask, listTasks } from '../../src/tasks/read/find.ts'
import { keepUnmatched, mayBeAnothers } from '../../src/tasks/callbacks/unmatched.ts'
import { classify } from '../../src/tasks/callbacks/classify.ts'
import { queuePositions } from '../../src/tasks/queue/position.ts'
import type { TaskRow } from '../../src/tasks/store.ts'
import { queueDepth } from '../../src/tasks/read/stats.ts'
import { claimKeeps, releaseWaiting } from '../../src/tasks/results/downloads.ts'
import { claimRemovals } from '../../src/tasks/results/expire.ts'
import { keptParts, mediaByName } from '../../src/media/rows.ts'
import { knownNames } from '../../src/media/strays/rows.ts'
import { claimUploadRemovals } from '../../src/media/uploads/remove.ts'
import {
  forgetUpload,
  giveUpUpload,
  insertUpload,
  markUploadKept,
  uploadByName,
  uploadTotals,
} from '../../src/media/uploads/rows.ts'
import { keysBetween, orderOfKey } from '../../src/tasks/create/idempotency.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { watchStatements } from '../support/statements.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

const statements = watchStatements()
afterAll(() => statements.restore())

/** Straight into the store: the plan must hold where there is much to look through. */
async function crowd({ ctx, store }: DomainHarness, accountId: string): Promise<void> {
  await store.write(`
    CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100000) SELECT i FROM c;
    INSERT INTO requests (id, account_id, key_id, model_id, task_type, upstream, order_json, state, due_at, attempts_made,
      retries_made, failures_in_row, created_at)
      SELECT 'req_' || i, '${accountId}', 'k', 'm', 'image', 'keevx', '{}', 'accepted', NULL, 1, 0, 0, i FROM n;
    INSERT INTO tasks (id, request_id, account_id, model_id, task_type, state, credits, credits_refunded, upstream,
      operation, upstream_task_id, upstream_pending, give_up_at, polls_made, missing_in_row, created_at)
      SELECT 'task_' || i, 'req_' || i, '${accountId}', 'm', 'image', 'running', 0, 0, 'keevx', 'image_generate', 'u' || i,
      false, 9e15, 0, 0, i FROM n;
    INSERT INTO polls (task_id, due_at, polls_made, missing_in_row, last_looks) SELECT 'task_' || i, i, 0, 0, 0 FROM n;
    INSERT INTO idempotency (account_id, key, body_hash, request_id, created_at)
      SELECT '${accountId}', 'k' || i, 'hash', 'req_' || i, i FROM n;
    INSERT INTO keeps (task_id, due_at, tries_made, waits_until, expires_at)
      SELECT 'task_' || i, i, 0, CASE WHEN i % 100 = 0 THEN 9e15 END, 9e15 FROM n;
    INSERT INTO media (name, task_id, part, store, state, content_type, bytes, created_at, due_at)
      SELECT 'n' || i, 'task_' || i, 'result', 'disk', 'kept', 'image/png', 1, i, i FROM n;
    INSERT INTO uploads (name, account_id, state, content_type, bytes, created_at, due_at)
      SELECT 'u' || i, '${accountId}', 'kept', 'image/png', 1, i, i FROM n`)
  await ctx.db.transaction(
    async (tx) => void (await tx.update(tx.tables.accounts).set({ tasksOpen: 100_000 })),
  )
}

let waiting: TaskRow[] = []

type Ask = (domain: DomainHarness, accountId: string) => Promise<unknown>
const filter = { status: null, modelId: null, before: null, limit: 20 }

const asks: Record<string, Ask> = {
  'the polls that are due': ({ ctx }) => claimPolls(ctx, 64),
  'the requests to submit': ({ ctx, keevx }) => claimSubmissions(ctx, keevx, 16),
  'whose attempt a callback is of': ({ ctx }) => admitCallback(ctx, 'att_1', 'token'),
  'whose work a callback names': async ({ ctx }) => {
    const work = { upstream: 'keevx', requestId: 'req_1' }
    await classify(ctx.db.read, { ...work, upstreamTaskId: 'u1' })
    await classify(ctx.db.read, { ...work, upstreamTaskId: 'none' })
  },
  'which orders may still name it': ({ ctx }) =>
    mayBeAnothers(ctx.db.read, { upstream: 'keevx', heardAt: 9 }, 9),
  'how much a callback has named': ({ ctx }) =>
    ctx.db
      .transaction((tx) => keepUnmatched(tx, { attemptId: 'att_1', upstreamTaskId: 'u1', heardAt: 9 }))
      .catch(() => 0),
  'what a key stands for': async ({ ctx, clock }, accountId) =>
    await orderOfKey(ctx.db.read, {
      accountId,
      key: 'k1',
      bodyHash: 'hash',
      nowMs: clock.now(),
      goneBefore: 0,
    }),
  'the newest keys of an order': async ({ ctx }, accountId) =>
    await keysBetween(ctx.db.read, { accountId, first: 'k1', end: 'k2', limit: 100 }),
  'what is overdue, and what waited too long': ({ ctx }) => rescue(ctx),
  'what is to be forgotten': async ({ ctx }) => {
    const { turn } = createCleaning(ctx)
    for (let kinds = 0; kinds < 4; kinds += 1) await turn()
  },
  'the results to keep': ({ ctx }) => claimKeeps(ctx, 16),
  'the files to remove': ({ ctx }) => claimRemovals(ctx, 16),
  'the file of a name': async ({ ctx }) => await mediaByName(ctx.db.read, { name: 'n1' }),
  'the uploads to remove': ({ ctx }) => claimUploadRemovals(ctx, 16),
  'the upload of a name': async ({ ctx }) => await uploadByName(ctx.db.read, { name: 'u1' }),
  'the uploads of an account together': async ({ ctx }, accountId) =>
    await uploadTotals(ctx.db.read, { accountId }),
  'an upload from its first row to its last': async ({ ctx, clock }, accountId) => {
    const row = {
      name: 'new',
      accountId,
      contentType: 'image/png',
      bytes: 1,
      createdAt: 1,
      dueAt: clock.now(),
    }
    await ctx.db.transaction(async (tx) => {
      await insertUpload(tx, row)
      await markUploadKept(tx, 'new', 9)
      await giveUpUpload(tx, 'new', 9)
      await forgetUpload(tx, 'new')
    })
  },
  'which files have rows': ({ ctx }) => knownNames(ctx.db.read, ['n1', 'u1', 'none']),
  'what is kept of a result': ({ ctx }) => keptParts(ctx.db.read, 'task_1'),
  'what a new process takes over': ({ ctx }) => ctx.db.transaction((tx) => releaseWaiting(tx, 9)),
  'the place in the queue': ({ ctx }) => queuePositions(ctx.db.read, waiting),
  'how long the queue is': ({ ctx }) => queueDepth(ctx.db.read),
  'one task': ({ ctx }, accountId) => findTask(ctx.db.read, accountId, 'task_1'),
  "an account's tasks": ({ ctx }, accountId) => listTasks(ctx.db.read, { ...filter, accountId }),
  "everybody's tasks": ({ ctx }) => listTasks(ctx.db.read, { ...filter, accountId: null }),
  'tasks by status and model': async ({ ctx }, accountId) => {
    for (const account of [accountId, null])
      await listTasks(ctx.db.read, { ...filter, accountId: account, status: 1, modelId: 'none' })
  },
  'tasks by key, prompt and reason of failure': ({ ctx }) =>
    listTasks(ctx.db.read, { ...filter, accountId: null, keyId: 'k', text: 'zen', error: 'none' }),
  'what begins so, or is called so': async ({ ctx }) => {
    for (const text of ['task_1', 'u1', 'acc_', 'sk-abc', 'ann']) await find(ctx.db.read, text, ['keevx'])
  },
  'accounts by a part of their name': ({ ctx }) =>
    listAccounts(ctx.db.read, { query: 'ann', before: null, limit: 20 }),
  "an account's entries": ({ ctx }, accountId) =>
    listEntries(ctx.db.read, { accountId, before: 9, limit: 20 }),
  'a balance': ({ ctx }, accountId) => balanceOf(ctx.db.read, accountId),
}

test('an index finds whatever the loops and pages ask for', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(1_000)
  // More than one claim takes, so that some wait.
  for (let order = 0; order < 20; order += 1) waiting = await domain.tasks(await domain.order(caller))
  await crowd(domain, caller.accountId)
  for (const [what, ask] of Object.entries(asks)) {
    const asked = (await statements.during(() => ask(domain, caller.accountId))).filter(
      (statement) => !/^insert/i.test(statement),
    )
    expect(asked.length, what).toBeGreaterThan(0)
    for (const statement of asked) {
      const plan = await domain.store.planOf(statement)
      expect(plan.length).toBeGreaterThan(0)
      // There is a queue for each upstream, and never more; and what was counted is not looked for again.
      const allowed =
        /^(SEARCH|SCAN queues|SCAN (ahead|before)|CO-ROUTINE (ahead|before)|MATERIALIZE (ahead|before)|SCALAR)/
      for (const step of plan) {
        expect(step, `${what}: ${statement}`).toMatch(allowed)
        // However much waits for one upstream, what another's loops ask does not walk along it.
        if (/INDEX (requests|queue_flows)_/.test(step)) expect(step, statement).toContain('upstream=?')
      }
    }
  }
})
