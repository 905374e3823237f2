// Redemption codes: their form, that each is spent once, and that nobody learns anything by guessing.
import { expect, test } from 'vitest'
import { giveCredits } from '../../src/credits/give.ts'
import { hashOfCode, newCode } from '../../src/credits/codes/form.ts'
import { listCodes, makeCodes, voidCodes } from '../../src/credits/codes/codes.ts'
import { redeemCode } from '../../src/credits/codes/redeem.ts'
import { createCleaning } from '../../src/tasks/rescue/cleanup.ts'
import { verifyLedger } from '../../src/ledger/verify.ts'
import { lateness } from '../../src/tasks/rescue/rescue.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

const hourMs = 60 * 60_000
const made = async ({ ctx }: DomainHarness, count = 1, expiresAt: number | null = null) =>
  await makeCodes(ctx, { credits: 50, count, expiresAt, note: 'June' })
const redeem = async ({ ctx }: DomainHarness, accountId: string, code: string, address = '203.0.113.9') =>
  await redeemCode(ctx, { accountId, address, code })
const refusalOf = async (promise: Promise<unknown>): Promise<{ type: string; words: string }> =>
  await promise.then(
    () => ({ type: 'none', words: '' }),
    (error) => ({ type: error.type, words: JSON.stringify([error.text, error.field, error.retryAfterMs]) }),
  )
const verified = async ({ ctx }: DomainHarness) =>
  await verifyLedger(ctx.db, ctx.clock.now(), lateness(ctx.config))

test('a code has twenty symbols of 31, none of which is taken for another', () => {
  const codes = Array.from({ length: 500 }, newCode)
  for (const code of codes) expect(code).toMatch(/^tg(?:-[2-9A-HJKMNP-Z]{5}){4}$/)
  expect(new Set(codes.join('').replaceAll(/tg|-/g, '')).size).toBe(31)
  expect(new Set(codes).size).toBe(500)
})

test('case, spaces, hyphens and full-width letters do not matter, and nothing else passes', () => {
  const code = 'tg-TG234-56789-ABCDE-FGHJK'
  const hash = hashOfCode(code)
  const fullWidth = code.replaceAll(/[!-~]/g, (sign) =>
    String.fromCodePoint((sign.codePointAt(0) ?? 0) + 0xfee0),
  )
  for (const written of [
    code.toLowerCase(),
    code.replaceAll('-', ''),
    code.replaceAll('-', ' '),
    code.replaceAll('-', '\u2013'),
    ` ${[...code].join(' ')}\u3000\n`,
    fullWidth,
    'TG23456789ABCDEFGHJK',
  ])
    expect(hashOfCode(written), written).toBe(hash)
  expect(hash).toMatch(/^[0-9a-f]{64}$/)
  for (const wrong of [
    '',
    'tg-',
    `${code}2`,
    code.slice(0, -1),
    code.replace('2', '0'),
    `${code}${' '.repeat(200)}`,
  ])
    expect(hashOfCode(wrong), wrong).toBeNull()
})

test('of a hundred accounts that redeem one code at once, one gets one grant', async () => {
  const domain = await openDomainHarness()
  const { codes } = await made(domain)
  const accounts = await Promise.all(Array.from({ length: 100 }, () => domain.account(0)))
  const settled = await Promise.allSettled(
    accounts.map(({ accountId }, at) => redeem(domain, accountId, codes[0] ?? '', `198.51.100.${at}`)),
  )
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const one of settled) if (one.status === 'rejected') expect(one.reason.type).toBe('invalid_code')
  const [sum] = await domain.store.rows('SELECT CAST(sum(balance) AS integer) AS credits FROM accounts')
  expect(Number(sum?.['credits'])).toBe(50)
  expect(await domain.store.rows('SELECT kind, amount FROM entries')).toEqual([{ kind: 'grant', amount: 50 }])
  expect(await verified(domain)).toMatchObject({ ok: true, drift: [] })
})

test('its account is answered again, also a hundred times at once, and credited once', async () => {
  const domain = await openDomainHarness()
  const { codes } = await made(domain)
  const { accountId } = await domain.account(5)
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => redeem(domain, accountId, codes[0] ?? '')),
  )
  expect(answers.filter(({ replayed }) => !replayed)).toEqual([{ credits: 50, balance: 55, replayed: false }])
  expect(answers.filter(({ replayed }) => replayed)).toHaveLength(99)
  expect(await redeem(domain, accountId, codes[0] ?? '')).toEqual({
    credits: 50,
    balance: 55,
    replayed: true,
  })
})

test('spent, void, expired and unknown codes are alike to everybody else', async () => {
  const domain = await openDomainHarness()
  const [owner, stranger] = [await domain.account(0), await domain.account(0)]
  const { batchId, codes } = await made(domain, 3)
  const [spent = '', one = '', rest = ''] = codes
  await redeem(domain, owner.accountId, spent)
  const [listedOne] = (await listCodes(domain.ctx, { batchId, status: 'unused', before: null, limit: 9 }))
    .rows
  expect(await voidCodes(domain.ctx, listedOne?.prefix === one.slice(0, 8) + '-…' ? one : rest)).toBe(1)
  expect(await voidCodes(domain.ctx, batchId)).toBe(1)
  expect(await voidCodes(domain.ctx, batchId)).toBe(0)
  const soon = await made(domain, 1, domain.clock.now() + 1_000)
  domain.clock.advance(1_000)
  const refusals = []
  for (const code of [spent, one, rest, soon.codes[0] ?? '', newCode(), 'nonsense'])
    refusals.push(await refusalOf(redeem(domain, stranger.accountId, code)))
  expect(refusals[0]).toMatchObject({ type: 'invalid_code' })
  expect(new Set(refusals.map((refusal) => JSON.stringify(refusal))).size).toBe(1)
  expect(await domain.balance(stranger)).toBe(0)
  const statuses = (await listCodes(domain.ctx, { batchId, status: null, before: null, limit: 9 })).rows
  expect(statuses.map(({ status, redeemedBy, note }) => [status, redeemedBy, note])).toEqual(
    expect.arrayContaining([
      ['redeemed', owner.accountId, 'June'],
      ['void', null, 'June'],
      ['void', null, 'June'],
    ]),
  )
  expect(statuses).toHaveLength(3)
})

test('wrong codes are bounded by account, for an hour, and then even a right one says nothing', async () => {
  const domain = await openDomainHarness()
  const [guesser, other] = [await domain.account(0), await domain.account(0)]
  const { codes } = await made(domain, 2)
  const wrong = await Promise.all(
    Array.from({ length: 30 }, () => refusalOf(redeem(domain, guesser.accountId, newCode()))),
  )
  expect(wrong.filter(({ type }) => type === 'invalid_code')).toHaveLength(20)
  expect(wrong.filter(({ type }) => type === 'rate_limited')).toHaveLength(10)
  expect(await refusalOf(redeem(domain, guesser.accountId, codes[0] ?? ''))).toMatchObject({
    type: 'rate_limited',
  })
  // Another account behind the same address goes on.
  expect(await redeem(domain, other.accountId, codes[1] ?? '')).toMatchObject({ credits: 50 })
  domain.clock.advance(hourMs)
  expect(await redeem(domain, guesser.accountId, codes[0] ?? '')).toMatchObject({ credits: 50 })
})

test('wrong codes are bounded by address, whatever accounts send them, and the counts are forgotten', async () => {
  const domain = await openDomainHarness()
  const accounts = await Promise.all(Array.from({ length: 12 }, () => domain.account(0)))
  const all: Promise<{ type: string }>[] = accounts.flatMap(({ accountId }) =>
    Array.from({ length: 19 }, () => refusalOf(redeem(domain, accountId, newCode()))),
  )
  const types = (await Promise.all(all)).map(({ type }) => type)
  expect(types.filter((type) => type === 'invalid_code')).toHaveLength(200)
  const { codes } = await made(domain)
  const { accountId } = await domain.account(0)
  expect(await refusalOf(redeem(domain, accountId, codes[0] ?? ''))).toMatchObject({ type: 'rate_limited' })
  expect(await redeem(domain, accountId, codes[0] ?? '', '203.0.113.10')).toMatchObject({ credits: 50 })
  domain.clock.advance(hourMs)
  const cleaning = createCleaning(domain.ctx)
  while (await cleaning.turn());
  expect(await domain.store.rows('SELECT who FROM code_tries')).toEqual([])
})

test('an instance whose clock is behind goes on with the count of another', async () => {
  const domain = await openDomainHarness()
  const { accountId } = await domain.account(0)
  const endsAt = domain.clock.now() + hourMs + 30_000
  await domain.store.write(
    `INSERT INTO code_tries (who, ends_at, tries) VALUES ('account ${accountId}', ${endsAt}, 19)`,
  )
  expect(await refusalOf(redeem(domain, accountId, newCode()))).toMatchObject({ type: 'invalid_code' })
  expect(await refusalOf(redeem(domain, accountId, newCode()))).toMatchObject({ type: 'rate_limited' })
})

test('a code pays first what its account owes', async () => {
  const domain = await openDomainHarness()
  const { accountId } = await domain.account(10)
  const back = { amount: -30, notes: { private: null, public: null }, idempotencyKey: null }
  await giveCredits(domain.ctx, { accountOf: () => Promise.resolve(accountId), ...back })
  const { codes } = await made(domain)
  expect(await redeem(domain, accountId, codes[0] ?? '')).toMatchObject({ credits: 50, balance: 30 })
  expect(await verified(domain)).toMatchObject({ ok: true, drift: [] })
})

test('nothing in the store tells a code, and the schema spends and voids each once', async () => {
  const domain = await openDomainHarness()
  const { codes } = await made(domain, 2)
  const { accountId } = await domain.account(0)
  const [first = '', second = ''] = codes
  await redeem(domain, accountId, first)
  await voidCodes(domain.ctx, second)
  const stored = JSON.stringify([
    await domain.store.rows('SELECT * FROM codes'),
    await domain.store.rows('SELECT * FROM entries'),
  ])
  for (const code of codes) expect(stored).not.toContain(code.slice(9))
  for (const change of [
    'redeemed_by = NULL, redeemed_at = NULL',
    'voided_at = NULL',
    'credits = 51',
    'expires_at = NULL, voided_at = NULL',
  ])
    await expect(domain.store.write(`UPDATE codes SET ${change}`), change).rejects.toThrow(
      'once, for what it was made for',
    )
  await expect(domain.store.write('DELETE FROM codes')).rejects.toThrow('never deleted')
})
