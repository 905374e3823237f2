// A store that was put back from before an erasure is emptied again by the list of erased accounts.
import { appendFileSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { requireAccount } from '../../src/accounts/accounts.ts'
import { listedIds, listErased, listPlace, matchLists } from '../../src/privacy/list.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'
import { dispatchAll, drift, pollAll } from '../tasks/archive/scene.ts'
import { finish, openNora, removeFiles, words } from './nora.ts'
import { traces } from './traces.ts'

test('a store that was put back from before is emptied again by the list beside it', async () => {
  const domain = await openDomainHarness()
  const { ctx } = domain
  const { account } = await openNora(domain)
  const elsewhere = `acc_${'0'.repeat(27)}`
  appendFileSync(listPlace(ctx.config), `${elsewhere}\n${account}\nacc_cut`)
  expect(await matchLists(ctx)).toEqual([account])
  expect(await matchLists(ctx)).toEqual([])
  await finish(domain)
  await removeFiles(domain)
  await finish(domain)
  expect(await traces(ctx.db.read, words)).toEqual([])
  const { erasures } = ctx.db.read.tables
  const known = (await ctx.db.read.select().from(erasures)).map(({ accountId }) => accountId)
  expect(known.toSorted()).toEqual([account, elsewhere].toSorted())
  expect(readFileSync(listPlace(ctx.config), 'utf8')).toContain(account)
  expect(await drift(domain)).toEqual([])
})

test('what was open in such a store ends first, and what it gives back is written off as well', async () => {
  const domain = await openDomainHarness()
  const { ctx } = domain
  const caller = await domain.account(100)
  const { accountId } = caller
  domain.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-7'] })
  domain.seen = () => ({ kind: 'failed', reason: 'No.', detail: 'no heron' })
  const body = { model_id: 'gpt-image-2', prompt: 'a shy heron' }
  const { created } = await create(ctx, caller, body)
  await dispatchAll(domain)
  appendFileSync(listPlace(ctx.config), `${accountId}\n`)
  expect(await matchLists(ctx)).toEqual([accountId])
  await finish(domain)
  const { erasures } = ctx.db.read.tables
  expect(await ctx.db.read.select().from(erasures)).toMatchObject([{ finishedAt: null }])
  await pollAll(domain)
  expect(await domain.tasks(created)).toMatchObject([{ state: 'failed', creditsRefunded: 15 }])
  expect(await domain.balance(caller)).toBe(15)
  await finish(domain)
  expect(await ctx.db.read.select().from(erasures)).toMatchObject([{ finishedAt: domain.clock.now() }])
  expect(await traces(ctx.db.read, words)).toEqual([])
  expect(await domain.balance(caller)).toBe(0)
  expect(await drift(domain)).toEqual([])
})

test('the gateway behind test keys goes by the list of the one in front, and writes none of its own', async () => {
  const [front, play] = [await openDomainHarness(), await openDomainHarness()]
  const { account } = await openNora(play)
  listErased(front.ctx.config, [account])
  expect(await matchLists(play.ctx, front.ctx.config)).toEqual([account])
  expect(listedIds(play.ctx.config)).toEqual([])
  expect(await requireAccount(play.ctx.db.read, account)).toMatchObject({ name: 'removed', balance: 0 })
})
