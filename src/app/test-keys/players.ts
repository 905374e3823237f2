// Accounts behind test keys: who they are is read from the gateway in front, what they play with is a store apart.
import { mirrorAccount } from '../../accounts/accounts.ts'
import { noteUse } from '../../accounts/key-uses.ts'
import { findTestCaller, mayStillAct } from '../../accounts/callers.ts'
import type { Caller } from '../../accounts/callers.ts'
import type { Context } from '../../context.ts'
import type { Door } from '../../http/auth.ts'
import { balanceOf } from '../../ledger/statement.ts'
import { topUp } from '../../ledger/grant.ts'

const dayMs = 24 * 60 * 60_000

type Front = Pick<Context, 'db' | 'clock'>

/** Test keys alone, as they stand in the store of the gateway in front: revoked and suspended as real ones are. */
export function testDoor(front: Front, play: Front, credits: number): Door {
  return {
    // What they ask for lies in another store than their rights: nothing of it is read with them.
    find: (secret) => findTestCaller(front.db, secret, { nowMs: front.clock.now() }),
    mayStillAct: (caller) => mayStillAct(front.db, caller, { nowMs: front.clock.now() }),
    used: ({ keyId }) => noteUse(front.db, keyId, front.clock.now()),
    welcome: createWelcome(play, credits),
    refusal: () => null,
  }
}

/**
 * Carries what the operator says of the account into the play store, and gives it its play credits: once in each
 * day of UTC, and once for each new test key, the first request that finds fewer raises them to `credits`.
 */
function createWelcome({ db, clock }: Front, credits: number): (caller: Caller) => Promise<void> {
  // A caller is read anew after every change of its key or account.
  const mirrored = new WeakSet<Caller>()
  const toppedUpAt = new Map<string, number>()
  return async (caller) => {
    const { accountId, keyCreatedAt, status, requestsPerMinuteMax, tasksInFlightMax } = caller
    const nowMs = clock.now()
    const sinceMs = Math.max(nowMs - (nowMs % dayMs), keyCreatedAt)
    if (mirrored.has(caller)) {
      if ((toppedUpAt.get(accountId) ?? -Infinity) >= sinceMs) return
      if ((await balanceOf(db.read, accountId)).balance >= credits) return
    }
    const last = await db.transaction(async (tx) => {
      await mirrorAccount(tx, { id: accountId, status, requestsPerMinuteMax, tasksInFlightMax, nowMs })
      return await topUp(tx, { accountId, credits, sinceMs, nowMs })
    })
    mirrored.add(caller)
    if (last !== null) toppedUpAt.set(accountId, last)
  }
}
