// The commands and their options; each command's code is loaded only when it is asked for.
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { version } from '../version.ts'
import { exitCodes, report } from './exit.ts'

/** Runs one command line and returns the exit code. */
export async function runProgram(args: readonly string[]): Promise<number> {
  const program = createProgram()
  try {
    await program.parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? exitCodes.done)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
    return report(error, program.opts()['json'] === true || args.includes('--json'))
  }
}

function createProgram(): Command {
  const program = new Command('tollgate')
    .description('A self-hosted gateway that resells Keevx images and videos through one tasks API.')
    .version(version)
    .showHelpAfterError('(add --help for what it takes)')
    .showSuggestionAfterError()
  addServing(program)
  addAccounts(program)
  addKeysAndCredits(program)
  addTasks(program)
  addChecks(program)
  prepare(program)
  return program
}

/** Every command throws instead of exiting, and takes --json. */
function prepare(command: Command): void {
  command.exitOverride()
  if (command.commands.length === 0) command.option('--json', 'print JSON to stdout')
  for (const inner of command.commands) prepare(inner)
}

function addServing(program: Command): void {
  program
    .command('serve')
    .description('serve the gateway')
    .option('--sandbox', 'with a Keevx of its own on loopback: real files, no key, no cost')
    .action(async (options) => (await import('./serve.ts')).serve(options))
  program
    .command('demo')
    .description('serve with the sandbox, an account and credits, and print what to paste')
    .action(async (options) => (await import('./demo.ts')).demo(options))
}

function addAccounts(program: Command): void {
  const accounts = program.command('accounts').description('who pays')
  accounts
    .command('create <name>')
    .description('make an account')
    .option('--credits <number>', 'to begin with', wholeNumber)
    .action(async (name, options) => (await import('./accounts.ts')).createOne(name, options))
  accounts
    .command('list')
    .description('list accounts, newest first')
    .option('--query <text>', 'part of a name or id')
    .option('--limit <number>', 'how many', wholeNumber, 100)
    .action(async (options) => (await import('./accounts.ts')).list(options))
  accounts
    .command('show <account>')
    .description('show one account')
    .action(async (id, options) => (await import('./accounts.ts')).show(id, options))
  accounts
    .command('suspend <account>')
    .description('let it look but not order')
    .action(async (id, options) => (await import('./accounts.ts')).setStatus(id, 'suspended', options))
  accounts
    .command('activate <account>')
    .description('let it order again')
    .action(async (id, options) => (await import('./accounts.ts')).setStatus(id, 'active', options))
}

function addKeysAndCredits(program: Command): void {
  const keys = program.command('keys').description('what opens the client API')
  keys
    .command('create <account>')
    .description('make a key; it is shown this once')
    .option('--name <name>', 'to tell it from others', 'default')
    .option('--expires <date>', 'when it stops working, as 2030-12-31 or a full ISO time', date)
    .action(async (id, options) => (await import('./keys.ts')).create(id, options))
  keys
    .command('list <account>')
    .description('list the keys of an account')
    .action(async (id, options) => (await import('./keys.ts')).list(id, options))
  keys
    .command('revoke <key>')
    .description('revoke a key by its id; works at once')
    .action(async (id, options) => (await import('./keys.ts')).revoke(id, options))

  const credits = program.command('credits').description('what is owed')
  credits
    .command('grant <account> <amount>')
    .description('give credits, or take them away with a negative amount (after --)')
    .option('--note <text>', 'why')
    .option('--idempotency-key <key>', 'the same key grants once')
    .action(async (id, amount, options) => (await import('./credits.ts')).grantTo(id, amount, options))
  const ledger = program.command('ledger').description('the audit')
  ledger
    .command('verify')
    .description('check every promise of the ledger in one pass; fails where one is broken')
    .action(async (options) => (await import('./credits.ts')).verify(options))
}

function addTasks(program: Command): void {
  const tasks = program.command('tasks').description('what was ordered')
  tasks
    .command('list')
    .description('list tasks of all accounts, newest first')
    .option('--account <account>', 'of one account')
    .option('--status <number>', '1 queued, 2 running, 3 success, 4 failed', wholeNumber)
    .option('--model <id>', 'of one model')
    .option('--limit <number>', 'how many', wholeNumber, 20)
    .action(async (options) => (await import('./tasks.ts')).list(options))
  tasks
    .command('show <task>')
    .description('everything that is known of a task')
    .action(async (id, options) => (await import('./tasks.ts')).show(id, options))
}

function addChecks(program: Command): void {
  const models = program.command('models').description('what is on offer')
  models
    .command('list')
    .description('list the models with their prices')
    .action(async (options) => (await import('./models.ts')).list(options))
  models
    .command('check <file>')
    .description('check a tollgate.yaml before it is put in place')
    .action(async (file, options) => (await import('./models.ts')).check(file, options))
  program
    .command('config')
    .description('the configuration')
    .command('check')
    .description('check the configuration and print it with secrets masked')
    .action(async (options) => (await import('./models.ts')).checkConfig(options))
  program
    .command('doctor')
    .description('look for what is wrong: configuration, store, ledger, upstream')
    .action(async (options) => (await import('./doctor.ts')).doctor(options))
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError('It must be a whole number above 0.')
  }
  return value
}

function date(text: string): number {
  const ms = Date.parse(text)
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(ms)) {
    throw new InvalidArgumentError('It must be a date such as 2030-12-31 or 2030-12-31T18:00:00Z.')
  }
  return ms
}
