// The operator of a history: makes accounts and keys, sells credits, answers complaints, decides what is left open.
import { grantCredits, createCodes, decide, endCodes, refundTask } from '../../operators/credits.ts'
import { alterAccount, makeAccount } from '../../operators/accounts.ts'
import { alterKey, endKey, makeKey } from '../../operators/keys.ts'
import { linkTimes, makeSignInLink } from '../../operators/links.ts'
import type { Actor } from '../../operators/act.ts'
import { setEndpoint } from '../../webhooks/endpoint.ts'
import { redeemCode } from '../../credits/codes/redeem.ts'
import { desc, eq } from '../../db/drizzle.ts'
import { listItems } from '../../tasks/corrections/items.ts'
import type { Part } from './drawn/cast.ts'
import { webhookUrlOf } from './outside.ts'
import { dayMs, hourMs } from './drawn/rhythm.ts'
import type { Customer, World } from './world.ts'

const operator: Actor = { name: 'admin', origin: '127.0.0.1', refundMax: null }
/** Of the network that codes are redeemed from. */
const address = '127.0.0.1'
const creditsPerUnit = 100
const words = { test: 'kind', expiresAt: 'expires_at' }

/** The account with its keys, its first credits, and its webhook. */
export async function welcome(world: World, part: Part, codes: string[]): Promise<Customer> {
  const { ctx } = world
  const { id: account } = await makeAccount(ctx, operator, { name: part.name, credits: 0 })
  const main = await makeKey(ctx, operator, { account, name: 'production', expiresAt: null, words })
  const keys = [main.secret]
  if (part.ordersPerDay > 8) {
    const limits = { creditsPerDayMax: 300 }
    keys.push(
      (await makeKey(ctx, operator, { account, name: 'staging', expiresAt: null, limits, words })).secret,
    )
  }
  if (part.plan !== undefined) await alterAccount(ctx, operator, { account, change: { plan: part.plan } })
  if (part.webhook) await setEndpoint(ctx, account, { url: webhookUrlOf(part) })
  await makeSignInLink(ctx, operator, { account, forMs: linkTimes.usualMs, origin: 'http://127.0.0.1' })
  const customer: Customer = { part, accountId: account, keys, isBuying: false }
  const [code] = part.pays === 'code' ? codes.splice(0, 1) : []
  if (code === undefined) await sell(world, customer, 'first credits')
  else await redeem(world, customer, code)
  return customer
}

/** Credits against an invoice, in money that was paid. */
async function sell({ ctx }: World, { part, accountId: account }: Customer, what: string): Promise<void> {
  const amount = part.pack
  const paid = { amount: (amount / creditsPerUnit).toFixed(2), currency: 'USD' }
  const notes = { private: 'paid by transfer', public: what }
  await grantCredits(ctx, operator, { account, amount, notes, paid, idempotencyKey: null })
}

/** Buys once the balance is low; whoever pays with codes needs one from the operator. */
export function buyWhenLow(world: World, customer: Customer, codes: string[]): void {
  if (customer.isBuying) return
  customer.isBuying = true
  const { ctx, agenda, chance } = world
  agenda.at(ctx.clock.now() + chance.between(0.2, 5) * hourMs, async () => {
    const needed = Math.max(1, Math.round(customer.part.pack / codeCredits))
    customer.isBuying = false
    if (customer.part.pays === 'invoice') return await sell(world, customer, 'top-up')
    if (codes.length < needed) codes.push(...(await printCodes(world)))
    for (const code of codes.splice(0, needed)) await redeem(world, customer, code)
  })
}

async function redeem({ ctx }: World, { accountId }: Customer, code: string): Promise<void> {
  await redeemCode(ctx, { accountId, address, code })
}

const codeCredits = 200
const codesPrinted = 30

/** A batch for those who pay with codes; a part of it stays unused. */
export async function printCodes({ ctx, span }: World): Promise<string[]> {
  const expiresAt = span.endMs + 60 * dayMs
  const made = await createCodes(ctx, operator, {
    credits: codeCredits,
    count: codesPrinted,
    expiresAt,
    note: 'sold over the counter',
  })
  return [...made.codes]
}

/** A batch that was given out by mistake. */
export async function printAndVoid({ ctx }: World): Promise<void> {
  const wrong = { credits: 2_000, count: 10, expiresAt: null, note: 'wrong worth, made anew' }
  const { batchId } = await createCodes(ctx, operator, wrong)
  await endCodes(ctx, operator, batchId)
}

const complaints = [
  'The text in the picture cannot be read; sent a screenshot',
  'Wrong colours, agreed by chat',
  'The film stops too early',
  'Ordered twice by mistake, first time',
  'Two of the same picture',
]

/** Gives back what the newest made task of the customer cost, or half of it. */
export async function answerComplaint({ ctx, chance }: World, { accountId }: Customer): Promise<void> {
  const { tasks } = ctx.db.read.tables
  const newest = await ctx.db.read
    .select()
    .from(tasks)
    .where(eq(tasks.accountId, accountId))
    .orderBy(desc(tasks.id))
    .limit(20)
  const task = newest.find(({ state, creditsReturned }) => state === 'succeeded' && !creditsReturned)
  const reason = chance.pick(complaints)
  if (!task) return
  const credits = chance.isTrue(0.5) ? null : Math.ceil(task.credits / 2)
  await refundTask(ctx, operator, { taskId: task.id, credits, reason })
}

/** What was made and not sold, or may have been: the oldest is decided. */
export async function decideOldest({ ctx }: World): Promise<void> {
  const { rows } = await listItems(ctx.db.read, { status: 'open', before: null, limit: 50 })
  const oldest = rows.at(-1)
  if (!oldest) return
  const decision = oldest.work.reason === 'late_success' ? 'keep_refund' : 'write_off'
  await decide(ctx, operator, { id: oldest.id, decision, reason: 'seen in the upstream’s own list' })
}

/** A payment was taken back when its credits were spent: the rest is owed, and the account suspended until it pays. */
export async function takeBack({ ctx }: World, { accountId: account, part }: Customer): Promise<void> {
  const notes = { private: 'the bank took the payment back', public: 'payment reversed' }
  await grantCredits(ctx, operator, { account, amount: -2 * part.pack, notes, idempotencyKey: null })
}

/** What comes in then goes to what is owed first. */
export async function payPart(world: World, customer: Customer): Promise<void> {
  await sell(world, customer, 'a part of what is owed')
}

/** A key that somebody has pasted where others could read it. */
export async function replaceKey(world: World, customer: Customer): Promise<void> {
  const { ctx } = world
  const { accountId: account } = customer
  const { keys } = ctx.db.read.tables
  const [old] = await ctx.db.read
    .select()
    .from(keys)
    .where(eq(keys.accountId, account))
    .orderBy(keys.id)
    .limit(1)
  if (!old) return
  const fresh = await makeKey(ctx, operator, { account, name: 'production, new', expiresAt: null, words })
  await alterKey(ctx, operator, {
    key: old.id,
    change: { name: 'production, leaked' },
    expiryField: 'expires_at',
  })
  await endKey(ctx, operator, old.id)
  customer.keys[0] = fresh.secret
}
