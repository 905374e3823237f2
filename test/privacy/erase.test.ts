// An erased account is closed in one commit and emptied in steps, the ledger stays right, and nothing opens it again.
import { expect, test } from 'vitest'
import { requireAccount } from '../../src/accounts/accounts.ts'
import { eq } from '../../src/db/drizzle.ts'
import { netCostOf } from '../../src/ledger/refund.ts'
import { rebuildRollups } from '../../src/ledger/reports/rebuild.ts'
import { alterAccount } from '../../src/operators/accounts.ts'
import { commandLine } from '../../src/operators/act.ts'
import { grantCredits, refundTask } from '../../src/operators/credits.ts'
import { eraseAccount } from '../../src/operators/erase.ts'
import { makeKey } from '../../src/operators/keys.ts'
import { cleanNextArchive } from '../../src/privacy/archives.ts'
import { eraseNext } from '../../src/privacy/erasing.ts'
import { keepPassword } from '../../src/sessions/access.ts'
import { makeLink } from '../../src/sessions/links.ts'
import { listedIds } from '../../src/privacy/list.ts'
import { taskDetail } from '../../src/tasks/read/task-detail.ts'
import { setEndpoint } from '../../src/webhooks/endpoint.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'
import { archiveAll, archived, dayMs, dispatchAll, drift } from '../tasks/archive/scene.ts'
import { erase, finish, keyWords, openNora, removeFiles, words } from './nora.ts'
import { traces } from './traces.ts'

test('nothing of it is left but its numbers, and the ledger and the reports stay right', async () => {
  const domain = await openDomainHarness()
  const { ctx, clock } = domain
  const { account, key, taskId } = await openNora(domain)
  const { entries } = ctx.db.read.tables
  const sums = async () =>
    await ctx.db.read.select().from(entries).where(eq(entries.accountId, account)).orderBy(entries.id)
  const before = await sums()

  const erased = await erase(domain, account)
  expect(erased).toMatchObject({ name: 'removed', status: 'suspended', balance: 0, erasedAt: clock.now() })
  expect(listedIds(ctx.config)).toEqual([account])
  await finish(domain)
  expect(await removeFiles(domain)).toEqual(['mine.png', 'kept.png'])
  await finish(domain)

  expect(await traces(ctx.db.read, words)).toEqual([])
  const { erasures, keys } = ctx.db.read.tables
  expect(await ctx.db.read.select().from(erasures)).toMatchObject([{ finishedAt: clock.now() }])
  const [stored] = await ctx.db.read.select().from(keys)
  expect(stored).toMatchObject({ id: key.id, revokedAt: clock.now(), name: 'removed', cidrs: null })
  const after = await sums()
  expect(after.map(({ kind, amount }) => `${kind} ${amount}`)).toEqual([
    ...before.map(({ kind, amount }) => `${kind} ${amount}`),
    'adjust -130',
  ])
  expect(await drift(domain)).toEqual([])
  expect(await rebuildRollups(ctx.db)).toMatchObject({ equal: true })
  expect(await taskDetail(ctx.db.read, taskId, clock.now())).toMatchObject({
    image_url: null,
    result_expired: true,
    credits: 15,
    request: { order: { prompt: null }, text_removed_at_ms: clock.now() },
  })
  const { acts } = ctx.db.read.tables
  const noted = await ctx.db.read.select().from(acts).where(eq(acts.action, 'eraseAccount'))
  expect(noted).toMatchObject([{ target: account, after: { forfeited: 130, written_off: 0 } }])
})

test('nobody signs in to it any more: its links and its password go in the same commit', async () => {
  const domain = await openDomainHarness()
  const { ctx, clock } = domain
  const { account } = await openNora(domain)
  const nowMs = clock.now()
  await ctx.db.transaction(async (tx) => {
    await makeLink(tx, { accountId: account, expiresAt: nowMs + dayMs, nowMs })
    await tx
      .insert(tx.tables.consoleAccess)
      .values({ accountId: account, passwordHash: 'scrypt', passwordSetAt: nowMs })
  })
  await erase(domain, account)
  const { consoleAccess, signInLinks } = ctx.db.read.tables
  expect(await ctx.db.read.select().from(consoleAccess)).toEqual([])
  expect(await ctx.db.read.select().from(signInLinks)).toEqual([])
})

test('what is set while it begins goes at the end: a password, a link, and where webhooks go', async () => {
  const domain = await openDomainHarness()
  const { ctx, clock } = domain
  const { account } = await openNora(domain)
  await erase(domain, account)
  const nowMs = clock.now()
  await setEndpoint(ctx, account, { url: 'https://example.com/hook-of-nora', types: ['task.failed'] })
  await ctx.db.transaction(async (tx) => {
    await keepPassword(tx, { accountId: account, passwordHash: 'of Nora', nowMs })
    const link = { hash: 'link of Nora', accountId: account, createdAt: nowMs, expiresAt: nowMs + dayMs }
    await tx.insert(tx.tables.signInLinks).values(link)
  })
  await finish(domain)
  await removeFiles(domain)
  await finish(domain)
  expect(await traces(ctx.db.read, words)).toEqual([])
  const { consoleAccess, webhookChoices } = ctx.db.read.tables
  expect(await ctx.db.read.select().from(consoleAccess)).toEqual([])
  expect(await ctx.db.read.select().from(webhookChoices)).toEqual([])
})

test('it is refused while a task is open, credits are left or owed, or nobody has confirmed it', async () => {
  const domain = await openDomainHarness()
  const { ctx } = domain
  const caller = await domain.account(30)
  const { accountId } = caller
  const asItWas = async () => await requireAccount(ctx.db.read, accountId)
  await domain.order(caller)
  await expect(erase(domain, accountId)).rejects.toThrow('1 tasks of the account have not ended')
  domain.submitted = () => ({ kind: 'refused', reason: 'No.', detail: 'no' })
  await dispatchAll(domain)
  const before = await asItWas()
  await expect(erase(domain, accountId, false)).rejects.toThrow('The account has 30 credits')
  const unconfirmed = { account: accountId, confirmed: 'acc_other', forfeit: true }
  await expect(eraseAccount(ctx, commandLine, unconfirmed)).rejects.toThrow('is not the id')
  expect(await asItWas()).toEqual(before)
  const taken = {
    account: accountId,
    amount: -50,
    notes: { private: null, public: null },
    idempotencyKey: null,
  }
  await grantCredits(ctx, commandLine, taken)
  await expect(erase(domain, accountId, false)).rejects.toThrow('The account owes 20 credits')
  expect(listedIds(ctx.config)).toEqual([])

  expect(await erase(domain, accountId)).toMatchObject({ balance: 0, owed: 0 })
  expect(await erase(domain, accountId)).toMatchObject({ balance: 0, owed: 0 })
  expect(await drift(domain)).toEqual([])
})

test('nothing brings it back: no key, no credits, no change, and no second name', async () => {
  const domain = await openDomainHarness()
  const { ctx, clock } = domain
  const { account, taskId } = await openNora(domain)
  await erase(domain, account)
  const erasedWords = 'This account was erased'
  const notes = { private: null, public: null }
  await expect(
    grantCredits(ctx, commandLine, { account, amount: 5, notes, idempotencyKey: null }),
  ).rejects.toThrow(erasedWords)
  await expect(refundTask(ctx, commandLine, { taskId, credits: 1, reason: 'late' })).rejects.toThrow(
    erasedWords,
  )
  await expect(ctx.db.transaction(async (tx) => await netCostOf(tx, taskId))).rejects.toThrow(erasedWords)
  const key = { account, words: keyWords, name: 'new', expiresAt: null }
  await expect(makeKey(ctx, commandLine, key)).rejects.toThrow(erasedWords)
  const change = { status: 'active' } as const
  await expect(alterAccount(ctx, commandLine, { account, change })).rejects.toThrow(erasedWords)
  for (const set of [`status = 'active'`, `name = 'Nora'`, `erased_at = NULL`]) {
    await expect(domain.store.write(`UPDATE accounts SET ${set} WHERE id = '${account}'`)).rejects.toThrow(
      'stays erased',
    )
  }
  await expect(domain.store.write(`DELETE FROM erasures`)).rejects.toThrow('remembered for ever')
  // A key that was being made at that moment is revoked at the end.
  await domain.store.write(`INSERT INTO keys (id, account_id, name, hash, prefix, created_at)
    VALUES ('key_late', '${account}', 'late', 'hash', 'sk-late', 1)`)
  await finish(domain)
  await removeFiles(domain)
  await finish(domain)
  const { keys } = ctx.db.read.tables
  const found = await ctx.db.read.select().from(keys)
  expect(found.map(({ name, revokedAt }) => [name, revokedAt])).toEqual([
    ['removed', clock.now()],
    ['removed', clock.now()],
  ])
})

test('only texts of erased accounts may go from entries and acts', async () => {
  const domain = await openDomainHarness()
  const { store } = domain
  const { account } = await openNora(domain)
  const other = await domain.account(10)
  await expect(store.write(`UPDATE entries SET note = NULL`)).rejects.toThrow('append-only')
  await expect(store.write(`UPDATE acts SET after_json = NULL`)).rejects.toThrow('append-only')
  await erase(domain, account)
  const ofOther = `WHERE account_id = '${other.accountId}'`
  await expect(store.write(`UPDATE entries SET note = NULL ${ofOther}`)).rejects.toThrow('append-only')
  for (const set of ['amount = 1', `note = 'more'`, 'created_at = 1']) {
    const change = `UPDATE entries SET ${set} WHERE account_id = '${account}'`
    await expect(store.write(change)).rejects.toThrow('append-only')
  }
  await expect(store.write(`UPDATE acts SET actor = 'x'`)).rejects.toThrow('append-only')
})

test('every step may be the last of a process: another goes on, also beside it', async () => {
  const domain = await openDomainHarness()
  const { ctx, clock } = domain
  const { account } = await openNora(domain)
  await erase(domain, account)
  const { erasures } = ctx.db.read.tables
  const seen: string[] = []
  for (let steps = 0; steps < 40; steps += 1) {
    const [row] = await ctx.db.read.select().from(erasures)
    seen.push(`${row?.stage} ${row?.after}`)
    const both = await Promise.all([eraseNext(ctx.db, clock.now()), eraseNext(ctx.db, clock.now())])
    if (both.includes(1)) continue
    if ((await removeFiles(domain)).length === 0) break
  }
  expect(seen.length).toBeGreaterThan(4)
  expect(await ctx.db.read.select().from(erasures)).toMatchObject([{ finishedAt: clock.now() }])
  expect(await traces(ctx.db.read, words)).toEqual([])
  expect(await drift(domain)).toEqual([])
})

test('its archived orders lose their texts too, and those of others keep them', async () => {
  const domain = await openDomainHarness()
  const { ctx } = domain
  const { account } = await openNora(domain)
  const other = await domain.account(100)
  domain.submitted = () => ({ kind: 'refused', reason: 'No.', detail: 'no' })
  await create(ctx, other, { model_id: 'gpt-image-2', prompt: 'a heron of another' })
  await dispatchAll(domain)
  await domain.store.write('DELETE FROM idempotency')
  await domain.store.write('DELETE FROM media')
  await domain.store.write(`UPDATE webhook_deliveries SET state = 'delivered', due_at = NULL`)
  domain.clock.advance(dayMs + 10_000)
  expect(await archiveAll(domain)).toMatchObject({ orders: 3 })
  expect(await cleanNextArchive(ctx)).toBe(false)
  await erase(domain, account)
  expect(await cleanNextArchive(ctx)).toBe(true)
  expect(await cleanNextArchive(ctx)).toBe(false)
  const orders = archived(domain)
  const theirs = JSON.stringify(orders.filter(({ request }) => request['account_id'] === account))
  expect(words.filter((word) => theirs.includes(word))).toEqual([])
  expect(JSON.parse(theirs)).toHaveLength(2)
  const others = orders.filter(({ request }) => request['account_id'] === other.accountId)
  expect(JSON.stringify(others)).toContain('a heron of another')
})
