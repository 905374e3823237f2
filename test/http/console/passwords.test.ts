// A password is set by a session that still holds when it is stored: hashing takes a while.
import { expect, test } from 'vitest'
import { createKey } from '../../../src/accounts/keys.ts'
import { endSessionsOf, findSession, openForCustomer } from '../../../src/sessions/sessions.ts'
import { setPassword, signInByPassword } from '../../../src/sessions/sign-in.ts'
import { openDomainHarness } from '../../support/domain-harness.ts'

test('a session that ends while its password is hashed sets none, and ends no other', async () => {
  const domain = await openDomainHarness()
  const { ctx } = domain
  const { accountId } = await domain.account(10)
  const named = { accountId, name: 'laptop', expiresAt: null, nowMs: ctx.clock.now() }
  const { id: keyId } = await ctx.db.transaction(async (tx) => await createKey(tx, named))
  const open = async () => {
    const opening = { secret: null, openedBy: 'link', instead: null, nowMs: ctx.clock.now() } as const
    const wanted = { accountId, keyId, ...opening }
    const { token } = await ctx.db.transaction(async (tx) => await openForCustomer(tx, wanted))
    const session = await findSession(ctx, token)
    if (session?.role !== 'customer') throw new Error('there is no session')
    return { token, session }
  }
  const [thief, owner] = [await open(), await open()]
  await setPassword(ctx, owner.session, 'the owner has this')
  await expect(setPassword(ctx, thief.session, 'the thief has this')).rejects.toThrow('has ended meanwhile')
  expect(await findSession(ctx, owner.token)).not.toBeNull()
  const typed = (password: string) => ({ account: accountId, password })
  expect(await signInByPassword(ctx, typed('the thief has this'), null)).toBeNull()
  expect(await signInByPassword(ctx, typed('the owner has this'), null)).not.toBeNull()
  await ctx.db.transaction(async (tx) => await endSessionsOf(tx, owner.session))
  await expect(setPassword(ctx, owner.session, 'once more, too late')).rejects.toThrow('has ended meanwhile')
})
