// `tollgate accounts …`: creates, lists, shows, limits and suspends customer accounts.
import { listAccounts, requireAccount } from '../../accounts/accounts.ts'
import type { AccountChange, AccountStatus } from '../../accounts/accounts.ts'
import { accountIdOf } from '../../accounts/named.ts'
import type { Context } from '../../context.ts'
import type { Tx } from '../../db/database.ts'
import { firstRows } from '../../db/page.ts'
import { viewAccount } from '../../http/views.ts'
import { commandLine } from '../../operators/act.ts'
import { alterAccount, makeAccount } from '../../operators/accounts.ts'
import { limitsOf, limitsText, nullForOff } from '../options/limits.ts'
import type { LimitOptions } from '../options/limits.ts'
import { print } from '../output/exit.ts'
import type { OutputOptions } from '../output/exit.ts'
import { table, time } from '../output/table.ts'
import { withStore } from '../with-store.ts'

type AccountView = ReturnType<typeof viewAccount>

export async function createOne(name: string, options: OutputOptions & { credits?: number }): Promise<void> {
  const account = await withStore(async (ctx) =>
    viewAccount(await makeAccount(ctx, commandLine, { name, credits: options.credits ?? 0 })),
  )
  print(options, account, describe([account]))
}

export async function list(options: OutputOptions & { query?: string; limit: number }): Promise<void> {
  const accounts = await withStore(async (ctx) =>
    (
      await firstRows(options.limit, (before, limit) =>
        listAccounts(ctx.db.read, { query: options.query ?? null, before, limit }),
      )
    ).map(viewAccount),
  )
  print(options, { accounts }, describe(accounts))
}

export async function show(named: string, options: OutputOptions): Promise<void> {
  const account = await withStore(async ({ db: { read } }) =>
    viewAccount(await requireAccount(read, await accountIdOf(read, named))),
  )
  print(options, account, describe([account]))
}

export async function setStatus(named: string, status: AccountStatus, options: OutputOptions): Promise<void> {
  await alter(named, () => ({ status }), options)
}

export async function setLimits(
  named: string,
  options: OutputOptions & LimitOptions & { plan?: string },
): Promise<void> {
  const { plan } = options
  const changeOf = ({ catalog }: Context) => ({
    ...limitsOf(options, catalog.current),
    ...(plan !== undefined && { plan: nullForOff(plan) }),
  })
  await alter(named, changeOf, options)
}

async function alter(
  named: string,
  changeOf: (ctx: Context) => AccountChange,
  options: OutputOptions,
): Promise<void> {
  const account = await withStore(async (ctx) => {
    const wanted = { account: async (tx: Tx) => await accountIdOf(tx, named), change: changeOf(ctx) }
    return viewAccount(await alterAccount(ctx, commandLine, wanted))
  })
  print(options, account, describe([account]))
}

function describe(accounts: readonly AccountView[]): string[] {
  return table(
    ['id', 'name', 'status', 'balance', 'in flight', 'created', 'plan', 'limits'],
    accounts.map((account) => [
      account.id,
      account.name,
      account.status,
      account.balance,
      account.tasks_in_flight,
      time(account.created_at),
      account.plan,
      limitsText(account.limits),
    ]),
  )
}
