// `tollgate accounts …`: creates, lists, shows and suspends customer accounts.
import { changeAccount, createAccount, listAccounts, requireAccount } from '../../accounts/accounts.ts'
import type { AccountStatus } from '../../accounts/accounts.ts'
import { accountIdOf } from '../../accounts/named.ts'
import { firstRows } from '../../db/page.ts'
import { viewAccount } from '../../http/views.ts'
import { grant, noNotes } from '../../ledger/grant.ts'
import { print } from '../output/exit.ts'
import type { OutputOptions } from '../output/exit.ts'
import { table, time } from '../output/table.ts'
import { withStore } from '../with-store.ts'

type AccountView = ReturnType<typeof viewAccount>

export async function createOne(name: string, options: OutputOptions & { credits?: number }): Promise<void> {
  const account = await withStore((ctx) =>
    ctx.db.transaction(async (tx) => {
      const nowMs = ctx.clock.now()
      const { id } = await createAccount(tx, { name, nowMs })
      if (options.credits !== undefined) {
        const first = { accountId: id, amount: options.credits, notes: noNotes, idempotencyKey: null, nowMs }
        await grant(tx, first)
      }
      return viewAccount(await requireAccount(tx, id))
    }),
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
  const account = await withStore((ctx) =>
    ctx.db.transaction(async (tx) =>
      viewAccount(await changeAccount(tx, await accountIdOf(tx, named), { status })),
    ),
  )
  print(options, account, describe([account]))
}

function describe(accounts: readonly AccountView[]): string[] {
  return table(
    ['id', 'name', 'status', 'balance', 'in flight', 'created'],
    accounts.map((account) => [
      account.id,
      account.name,
      account.status,
      account.balance,
      account.tasks_in_flight,
      time(account.created_at),
    ]),
  )
}
