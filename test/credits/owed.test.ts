// What is taken back and was spent already is owed: the account is suspended, and the next credits pay it first.
import { expect, test } from 'vitest'
import { giveCredits } from '../../src/credits/give.ts'
import { listEntries } from '../../src/ledger/statement.ts'
import { verifyLedger } from '../../src/ledger/verify.ts'
import { creditsMax } from '../../src/ledger/grant.ts'
import { lateness } from '../../src/tasks/rescue/rescue.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

const give = async ({ ctx }: DomainHarness, accountId: string, amount: number, key: string | null = null) =>
  await giveCredits(ctx, {
    accountOf: () => Promise.resolve(accountId),
    amount,
    notes: { private: null, public: null },
    idempotencyKey: key,
  })

const verified = async ({ ctx }: DomainHarness) =>
  await verifyLedger(ctx.db, ctx.clock.now(), lateness(ctx.config))

const accountOf = async ({ store }: DomainHarness, id: string) => {
  const [account] = await store.rows('SELECT balance, owed, status FROM accounts WHERE id = ?', [id])
  return account
}

test('a taking-back larger than the balance books the rest as owed, suspends, and is paid first', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(100)
  const { accountId } = caller
  const taken = await give(domain, accountId, -250, 'back')
  expect(taken).toMatchObject({ balance: 0, owed: 150, replayed: false })
  expect(await accountOf(domain, accountId)).toEqual({ balance: 0, owed: 150, status: 'suspended' })
  await expect(domain.order(caller)).rejects.toMatchObject({ type: 'account_suspended' })

  const more = await give(domain, accountId, -30)
  expect(more).toMatchObject({ balance: 0, owed: 180 })
  const part = await give(domain, accountId, 80, 'part')
  expect(part).toMatchObject({ balance: 0, owed: 100 })
  const rest = await give(domain, accountId, 120, 'rest')
  expect(rest).toMatchObject({ balance: 20, owed: 0 })

  // Whoever sends one again is answered as before, although everything has changed since.
  expect(await give(domain, accountId, -250, 'back')).toEqual({ ...taken, replayed: true })
  expect(await give(domain, accountId, 80, 'part')).toEqual({ ...part, replayed: true })
  expect(await give(domain, accountId, 120, 'rest')).toEqual({ ...rest, replayed: true })

  const entries = await listEntries(domain.ctx.db.read, { accountId, before: null, limit: 20 })
  expect(
    entries
      .toReversed()
      .map(({ kind, amount, balanceAfter, owedAfter }) => [kind, amount, balanceAfter, owedAfter]),
  ).toEqual([
    ['grant', 100, 100, null],
    ['adjust', -100, 0, 150],
    ['adjust', 0, 0, 180],
    ['grant', 80, 80, null],
    ['repayment', -80, 0, 100],
    ['grant', 120, 120, null],
    ['repayment', -100, 20, 0],
  ])
  expect(await verified(domain)).toMatchObject({ ok: true, drift: [] })
})

test('many at once, given and taken, end in the same sum in whatever order they come', async () => {
  const domain = await openDomainHarness()
  const { accountId } = await domain.account(100)
  const amounts = Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? -90 : 60))
  await Promise.all(amounts.map((amount) => give(domain, accountId, amount)))
  const account = await accountOf(domain, accountId)
  expect(Number(account?.['balance']) - Number(account?.['owed'])).toBe(100 + 20 * (60 - 90))
  expect(await verified(domain)).toMatchObject({ ok: true, drift: [] })
})

test('nobody can owe more than an account can hold, and a refused taking-back leaves its key free', async () => {
  const domain = await openDomainHarness()
  const { accountId } = await domain.account(0)
  expect(await give(domain, accountId, -creditsMax)).toMatchObject({ owed: creditsMax })
  await expect(give(domain, accountId, -1, 'k')).rejects.toMatchObject({ type: 'invalid_request' })
  await give(domain, accountId, 1)
  expect(await give(domain, accountId, -1, 'k')).toMatchObject({ owed: creditsMax, replayed: false })
})

test('a key is of one grant among all accounts', async () => {
  const domain = await openDomainHarness()
  const [one, other] = [await domain.account(0), await domain.account(0)]
  const first = await give(domain, one.accountId, 5, 'k')
  await expect(give(domain, other.accountId, 5, 'k')).rejects.toMatchObject({ type: 'idempotency_mismatch' })
  expect(await domain.balance(other)).toBe(0)
  expect(await give(domain, one.accountId, 5, 'k')).toEqual({ ...first, replayed: true })
})

test('what a gateway of the version before gave under a key is not given again', async () => {
  const domain = await openDomainHarness()
  const { accountId } = await domain.account(0)
  await domain.store.write(
    `UPDATE accounts SET balance = 7; INSERT INTO entries (account_id, kind, amount, balance_after, idempotency_key, created_at) VALUES ('${accountId}', 'grant', 7, 7, 'k', 1)`,
  )
  expect(await give(domain, accountId, 7, 'k')).toMatchObject({ balance: 7, replayed: true })
  expect(await accountOf(domain, accountId)).toMatchObject({ balance: 7 })
})

test('the schema keeps what is owed the sum of what entries say', async () => {
  const domain = await openDomainHarness()
  const { accountId } = await domain.account(0)
  const entry = (values: string) =>
    domain.store.write(
      `INSERT INTO entries (account_id, kind, amount, balance_after, owed_change, owed_after, created_at) VALUES ('${accountId}', ${values}, 1)`,
    )
  for (const wrong of [
    // Says another debt than the account has after it.
    "'adjust', 0, 0, 10, 11",
    // Owes while something is left.
    "'adjust', 0, 5, 10, 10",
    // Takes nothing and owes nothing.
    "'adjust', 0, 0, NULL, NULL",
    // A grant pays by an entry of its own.
    "'grant', 5, 5, -5, 0",
    // Pays what is not owed.
    "'repayment', -5, 0, -5, -5",
    "'repayment', -5, 0, -4, 0",
  ])
    await expect(entry(wrong), wrong).rejects.toThrow()
  await entry("'adjust', 0, 0, 10, 10")
  expect(await accountOf(domain, accountId)).toMatchObject({ owed: 10 })
})
