// The commands about money and their options; each command's code is loaded only when it runs.
import { Option } from 'commander'
import type { Command } from 'commander'
import {
  codeCount,
  codeStatus,
  creditsToBegin,
  date,
  idempotencyKey,
  note,
  payment,
  wholeNumber,
} from '../options/arguments.ts'

export function addMoneyCommands(program: Command): void {
  const credits = program.command('credits').description('what is owed')
  credits
    .command('grant <account> <amount>')
    .description('give credits, or take them back with a negative amount: what was spent already is owed')
    .option('--note <text>', 'why, for you alone', note)
    .option('--public-note <text>', 'why, for the customer to see', note)
    .option('--paid <amount>', 'what was paid for them, as "9.99 EUR"; for you alone', payment)
    .option('--idempotency-key <key>', 'the same key grants once', idempotencyKey)
    .action(async (id, amount, options) =>
      (await import('../commands/money/credits.ts')).grantTo(id, amount, options),
    )
  const ledger = program.command('ledger').description('the audit')
  ledger
    .command('verify')
    .description('check every promise of the ledger in one pass; fails where one is broken')
    .action(async (options) => (await import('../commands/money/credits.ts')).verify(options))
  addCodes(program)
  addReconcile(program)
}

function addCodes(program: Command): void {
  const codes = program.command('codes').description('redemption codes')
  codes
    .command('create')
    .argument('<credits>', 'what each is worth', creditsToBegin)
    .description('make codes of so many credits each; they are shown this once')
    .option('--count <number>', 'how many, up to 1000', codeCount, 1)
    .option('--expires <date>', 'when they stop working, as 2030-12-31 or a full ISO time', date)
    .option('--note <text>', 'what they are for, for you alone', note)
    .action(async (credits, options) => (await import('../commands/money/codes.ts')).create(credits, options))
  codes
    .command('list')
    .description('list codes, newest first, with who redeemed them')
    .option('--batch <id>', 'of one batch')
    .option('--status <status>', 'unused, redeemed, void or expired', codeStatus)
    .option('--limit <number>', 'how many', wholeNumber, 20)
    .action(async (options) => (await import('../commands/money/codes.ts')).list(options))
  codes
    .command('void <batch-or-code>')
    .description('void what is left of a batch, or one code by its id or itself')
    .action(async (given, options) => (await import('../commands/money/codes.ts')).voidSome(given, options))
}

function addReconcile(program: Command): void {
  program
    .command('reconcile [item]')
    .description('list work that was made and not sold, or decide a piece of it')
    .addOption(
      new Option('--status <status>', 'which are listed').choices(['open', 'decided', 'all']).default('open'),
    )
    .option('--limit <number>', 'how many', wholeNumber, 20)
    .addOption(
      new Option('--decision <decision>', 'once each').choices(['keep_refund', 'charge', 'write_off']),
    )
    .option('--reason <text>', 'why, for you alone', note)
    .action(async (id, options) =>
      (await import('../commands/money/reconcile.ts')).reconcileItems(id, options),
    )
}
