// Makes and changes accounts, for the operator API and the commands.
import { changeAccount, createAccount, requireAccount, requireOpenAccount } from '../accounts/accounts.ts'
import type { Account, AccountChange } from '../accounts/accounts.ts'
import type { Context } from '../context.ts'
import { conflictsNow, GatewayError } from '../errors.ts'
import { grant, noNotes } from '../ledger/grant.ts'
import { act, fieldsOf, idOf } from './act.ts'
import type { Actor, Named } from './act.ts'

interface AccountToMake {
  readonly name: string
  /** Granted at once. */
  readonly credits: number
}

export async function makeAccount(ctx: Context, by: Actor, wanted: AccountToMake): Promise<Account> {
  const { name, credits } = wanted
  return await act(ctx, by, {
    action: 'createAccount',
    async work(tx, nowMs) {
      const { id } = await createAccount(tx, { name, nowMs })
      const first = { accountId: id, amount: credits, notes: noNotes, idempotencyKey: null, nowMs }
      if (credits > 0) await grant(tx, first)
      return {
        result: await requireAccount(tx, id),
        changed: { target: id, after: { name, balance: credits } },
      }
    },
  })
}

interface AccountToChange {
  readonly account: Named
  readonly change: AccountChange
}

/** From the next request on. Throws not_found, and invalid_request for a plan that is not there. */
export async function alterAccount(
  ctx: Context,
  by: Actor,
  { account, change }: AccountToChange,
): Promise<Account> {
  requirePlan(ctx, change.plan ?? null)
  return await act(ctx, by, {
    action: 'changeAccount',
    async work(tx) {
      const before = await requireOpenAccount(tx, await idOf(tx, account))
      const after = await changeAccount(tx, before.id, change)
      const changed = { target: before.id, before: fieldsOf(before, change), after: fieldsOf(after, change) }
      return { result: after, changed: Object.keys(change).length === 0 ? null : changed }
    },
  })
}

function requirePlan({ catalog }: Context, plan: string | null): void {
  const { plans } = catalog.current
  if (plan === null || plans.includes(plan)) return
  const known = plans.length === 0 ? 'none' : plans.join(', ')
  throw new GatewayError(
    'invalid_request',
    {
      en: `plan: tollgate.yaml names no plan "${plan}". Plans: ${known}. Nothing was changed.`,
      zh: `plan:tollgate.yaml 中没有名为“${plan}”的套餐。可用套餐:${known}。未作任何改动。`,
    },
    { field: 'plan', detail: conflictsNow },
  )
}
