// `tollgate credits grant` and `tollgate ledger verify`: changes balances and audits the ledger.
import { CommanderError } from 'commander'
import { accountIdOf } from '../../../accounts/named.ts'
import { creditsMax } from '../../../ledger/grant.ts'
import type { Payment } from '../../../ledger/grant.ts'
import { commandLine } from '../../../operators/act.ts'
import { grantCredits } from '../../../operators/credits.ts'
import { exitCodes, print, say } from '../../output/exit.ts'
import type { OutputOptions } from '../../output/exit.ts'
import { settingsOfStore } from '../../settings.ts'
import { table } from '../../output/table.ts'
import { auditStore, withStore } from '../../with-store.ts'

export async function grantTo(
  account: string,
  amountText: string,
  options: OutputOptions & {
    note?: string
    publicNote?: string
    paid?: Payment
    idempotencyKey?: string
  },
): Promise<void> {
  const amount = readAmount(amountText)
  const granted = await withStore(
    async (ctx) =>
      await grantCredits(ctx, commandLine, {
        account: (tx) => accountIdOf(tx, account),
        amount,
        notes: { private: options.note ?? null, public: options.publicNote ?? null },
        paid: options.paid ?? null,
        idempotencyKey: options.idempotencyKey ?? null,
      }),
  )
  if (granted.replayed) say('This idempotency key had granted already; nothing was given again.')
  const { balance, owed, entryId } = granted
  const words =
    owed > 0 ? `balance ${balance}, owed ${owed}: the next credits pay it first` : `balance ${balance}`
  print(options, { balance, owed, entry_id: entryId }, [words])
}

export async function verify(options: OutputOptions): Promise<void> {
  const { ok, accounts, entries, drift } = await auditStore(settingsOfStore())
  const rows = drift.map((line) => [line.check, line.id, line.expected, line.found])
  print(
    options,
    { ok, accounts, entries, drift },
    ok
      ? [`ok: ${entries} entries of ${accounts} accounts add up`]
      : table(['broken promise', 'id', 'expected', 'found'], rows),
  )
  if (!ok) process.exitCode = exitCodes.failed
}

function readAmount(text: string): number {
  const amount = Number(text)
  if (/^[+-]?\d+$/.test(text) && amount !== 0 && Math.abs(amount) <= creditsMax) return amount
  const problem = `error: amount: "${text}" is not a whole number of credits other than 0, of at most ${creditsMax}.`
  say(problem)
  throw new CommanderError(exitCodes.usage, 'tollgate.amount', problem)
}
