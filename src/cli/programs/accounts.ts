// The commands about accounts and their options; each command's code is loaded only when it runs.
import type { Command } from 'commander'
import { creditsToBegin, linkAge, name, wholeNumber } from '../options/arguments.ts'
import { accountRate, orOff, withLimits } from '../options/limits.ts'

export function addAccounts(program: Command): void {
  const accounts = program
    .command('accounts')
    .description('who pays; an account is named by its id, or by its name where only one has it')
  accounts
    .command('create')
    .argument('<name>', 'who it is for', name)
    .description('make an account')
    .option('--credits <number>', 'to begin with', creditsToBegin)
    .action(async (who, options) => (await import('../commands/accounts.ts')).createOne(who, options))
  accounts
    .command('list')
    .description('list accounts, newest first')
    .option('--query <text>', 'part of a name or id')
    .option('--limit <number>', 'how many', wholeNumber, 100)
    .action(async (options) => (await import('../commands/accounts.ts')).list(options))
  accounts
    .command('show <account>')
    .description('show one account')
    .action(async (id, options) => (await import('../commands/accounts.ts')).show(id, options))
  for (const [standing, status, words] of standings) {
    accounts
      .command(`${standing} <account>`)
      .description(words)
      .action(async (id, options) => (await import('../commands/accounts.ts')).setStatus(id, status, options))
  }
  withLimits(accounts.command('limit <account>'), accountRate)
    .option('--plan <name>', 'a plan of tollgate.yaml, or off', orOff(name))
    .description('limit what an account may do; off lifts a limit, default follows the configuration')
    .action(async (id, options) => (await import('../commands/accounts.ts')).setLimits(id, options))
  accounts
    .command('link <account>')
    .description('make a link that signs in to the console once')
    .option('--for <duration>', 'how long it can be used, as 72h', linkAge, 72 * 60 * 60_000)
    .action(async (id, options) => (await import('../commands/link.ts')).link(id, options))
}

const standings = [
  ['suspend', 'suspended', 'let it look but not order'],
  ['activate', 'active', 'let it order again'],
] as const
