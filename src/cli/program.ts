// The commands and their options; each command's code is loaded only when it runs.
import { setImmediate } from 'node:timers/promises'
import { Command, CommanderError, Option } from 'commander'
import { version } from '../version.ts'
import {
  age,
  date,
  day,
  historyDays,
  idempotencyKey,
  name,
  note,
  status,
  wholeNumber,
} from './options/arguments.ts'
import { orOff, withLimits } from './options/limits.ts'
import { addMoneyCommands } from './programs/money.ts'
import { addPrivacyCommands } from './programs/privacy.ts'
import { addAccounts } from './programs/accounts.ts'
import { exitCodes, printProblems, refusalText, report, say } from './output/exit.ts'

/** Runs one command line and returns the exit code. */
export async function runProgram(args: readonly string[]): Promise<number> {
  let unwritten: Error | null = null
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader like `head` closes the pipe early.
    if (error.code !== 'EPIPE') unwritten ??= error
  })
  // There is nowhere left to report it.
  process.stderr.on('error', () => undefined)
  const code = await runCommand(args)
  await outputWritten()
  return unwritten === null ? code : reportUnwritten(unwritten, code)
}

/** Waits until the last output has been written or has failed, and its error event has fired. */
async function outputWritten(): Promise<void> {
  if (process.stdout.writableLength > 0) {
    await new Promise<void>((resolve) => process.stdout.write('', () => resolve()))
  }
  await setImmediate()
}

function reportUnwritten(error: Error, code: number): number {
  const done = code === exitCodes.done ? ' The command itself has succeeded.' : ''
  say(`The output could not be written: ${error.message}.${done}`)
  return code === exitCodes.done ? exitCodes.failed : code
}

async function runCommand(args: readonly string[]): Promise<number> {
  const options = { json: args.includes('--json') }
  try {
    await createProgram(args).parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? exitCodes.done)
  } catch (error) {
    if (!(error instanceof CommanderError)) return report(error, options)
    if (error.exitCode === 0) return exitCodes.done
    printProblems(options, [error.message])
    return exitCodes.usage
  }
}

/** For the command line, and for the table of commands in the README. */
export function createProgram(args: readonly string[] = []): Command {
  const program = new Command('tollgate')
    .description('A self-hosted gateway that resells Keevx images and videos through one tasks API.')
    .version(version)
    .showHelpAfterError('(add --help for what it takes)')
    .showSuggestionAfterError()
    // The message repeats arguments, which may come from an untrusted source.
    .configureOutput({ outputError: (text, write) => write(refusalText(text, args)) })
  addServing(program)
  addAccounts(program)
  addPrivacyCommands(program)
  addKeys(program)
  addMoneyCommands(program)
  addOperators(program)
  addTasks(program)
  addReports(program)
  addChecks(program)
  addCopies(program)
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
    .option('--new-store', 'make an empty store even if remains of a lost one are found')
    .option('--orphan', orphanWords)
    .option('--new-sealing-key', 'go on with another sealing key, because that of the store is lost')
    .action(async (options) => (await import('./commands/serve.ts')).serve(options))
  program
    .command('demo')
    .description('serve with the sandbox, an account and credits, and print what to paste')
    .option('--fresh', 'begin with an empty store: the one of the demo before is thrown away')
    .addOption(
      new Option(
        '--history [days]',
        'first fill the empty store with so many days of sandbox work: about a hundred orders a day, half a minute for thirty days',
      )
        .argParser(historyDays)
        .preset('30'),
    )
    .action(async (options) => (await import('./commands/demo.ts')).demo(options))
}

const orphanWords = 'go ahead even if open tasks name an upstream or a key that is not configured'

function addKeys(program: Command): void {
  const keys = program.command('keys').description('what opens the client API')
  withLimits(keys.command('create <account>'))
    .description('make a key; it is shown this once')
    .option('--name <name>', 'to tell it from others', name, 'default')
    .option('--expires <date>', 'when it stops working, as 2030-12-31 or a full ISO time', date)
    .option(
      '--test',
      'a test key, sk-test-…: the sandbox and play credits, nothing real is ordered or charged',
    )
    .action(async (id, options) => (await import('./commands/keys.ts')).create(id, options))
  keys
    .command('list <account>')
    .description('list the keys of an account')
    .action(async (id, options) => (await import('./commands/keys.ts')).list(id, options))
  withLimits(keys.command('limit <key>'))
    .option('--name <name>', 'to tell it from others', name)
    .option('--expires <date>', 'when it stops working, or off', orOff(date))
    .description('limit what a key may do, from the next request on; off lifts a limit')
    .action(async (id, options) => (await import('./commands/keys.ts')).setLimits(id, options))
  keys
    .command('revoke <key>')
    .description('revoke a key by its id or beginning, or the key itself; works at once')
    .action(async (id, options) => (await import('./commands/keys.ts')).revoke(id, options))
}

function addOperators(program: Command): void {
  program
    .command('audit')
    .description('what operators have done, newest first')
    .option('--actor <name>', 'by one operator; admin: by ADMIN_TOKEN, cli: by commands')
    .option('--target <id>', 'to one account, key or other thing')
    .option('--limit <number>', 'how many', wholeNumber, 100)
    .action(async (options) => (await import('./commands/operators.ts')).audit(options))
  program
    .command('operators')
    .description('who may use the operator API with a token of their own')
    .command('token')
    .description('make a token, and the hash of it for tollgate.yaml')
    .action(async (options) => (await import('./commands/operators.ts')).token(options))
}

function addTasks(program: Command): void {
  const tasks = program.command('tasks').description('what was ordered')
  tasks
    .command('list')
    .description('list tasks of all accounts, newest first')
    .option('--account <account>', 'of one account')
    .option('--status <number>', '1 queued, 2 running, 3 success, 4 failed', status)
    .option('--model <id>', 'of one model')
    .option('--key <id>', 'ordered with one key')
    .option('--from <date>', 'made on this date or later, as 2026-11-30', day)
    .option('--to <date>', 'made on this date or earlier', day)
    .option('--text <text>', 'whose prompt holds this')
    .option('--error <text>', 'whose reason of failure holds this')
    .option('--limit <number>', 'how many', wholeNumber, 20)
    .action(async (options) => (await import('./commands/tasks.ts')).list(options))
  tasks
    .command('show <task>')
    .description('everything that is known of a task')
    .action(async (id, options) => (await import('./commands/tasks.ts')).show(id, options))
  tasks
    .command('refund <task>')
    .description('give back what an ended task cost, or a part of it')
    .requiredOption('--reason <text>', 'why, for you alone', note)
    .option('--credits <number>', 'how many; all that it still cost where it is left out', wholeNumber)
    .option('--idempotency-key <key>', 'the same key gives back once', idempotencyKey)
    .action(async (id, options) => (await import('./commands/tasks.ts')).refund(id, options))
}

function addReports(program: Command): void {
  const reports = program
    .command('report')
    .description('what was sold, what it cost and what leaked')
    .option('--from <date>', 'the first date; left out: the first of the month', day)
    .option('--to <date>', 'the last date, included; left out: today', day)
    .addOption(new Option('--group <group>', 'what a row is of').choices(groups).default('day'))
    .option('--csv', 'print CSV to stdout')
    .option('--json', 'print JSON to stdout')
    .action(async (options) => (await import('./commands/report.ts')).report(options))
  reports
    .command('rebuild')
    .description(
      'compare reports with the tasks and entries that they add up, and correct them; fails where they differed',
    )
    .action(async (_options, command: Command) =>
      (await import('./commands/report.ts')).rebuild(command.optsWithGlobals()),
    )
}

/** As in the operator API. */
const groups = ['day', 'model', 'account', 'upstream', 'key']

function addChecks(program: Command): void {
  program
    .command('find <text>')
    .description('find an id or its beginning, a key, a name, a piece of a prompt')
    .action(async (text, options) => (await import('./commands/find.ts')).findText(text, options))
  const models = program.command('models').description('what is on offer')
  models
    .command('list')
    .description('list the models with their prices')
    .action(async (options) => (await import('./commands/models.ts')).list(options))
  models
    .command('check <file>')
    .description('check a tollgate.yaml before it is put in place')
    .option('--orphan', orphanWords)
    .action(async (file, options) => (await import('./commands/models.ts')).check(file, options))
  program
    .command('config')
    .description('the configuration')
    .command('check')
    .description('check the configuration as serve does, and print it with secrets masked')
    .option('--sandbox', 'as for serve --sandbox, which needs no key')
    .option('--orphan', orphanWords)
    .action(async (options) => (await import('./commands/models.ts')).checkConfig(options))
  program
    .command('doctor')
    .description('look for what is wrong: configuration, store, ledger, upstream')
    .action(async (options) => (await import('./commands/doctor.ts')).doctor(options))
  const alerts = program.command('alerts').description('who is told when something is wrong')
  alerts
    .command('test')
    .description('send a test to every receiver of tollgate.yaml, and say what became of it')
    .option('--receiver <name>', 'to one of them')
    .action(async (options) => (await import('./commands/alerts.ts')).tryAll(options))
  alerts
    .command('list')
    .description('list what was wrong, newest first')
    .option('--limit <number>', 'how many', wholeNumber, 20)
    .action(async (options) => (await import('./commands/alerts.ts')).list(options))
}

function addCopies(program: Command): void {
  program
    .command('archive')
    .description('write ended orders into files of DATA_DIR/archive and take them out of the store')
    .requiredOption('--older-than <time>', 'those that ended so long ago, as 90d', age)
    .action(async (options) => (await import('./commands/store/archive.ts')).archive(options))
  program
    .command('backup <file>')
    .description('write a whole copy of the store, while it is served or not')
    .option('--media', 'with the files of results, into the folder <file>.media')
    .action(async (file, options) => (await import('./commands/store/backup.ts')).backup(file, options))
  program
    .command('restore <file>')
    .description('check a backup and put it in the place of the store; the gateway has to be stopped')
    .option('--keep-queued', 'post the orders that waited in it: right where no gateway has served since')
    .option('--dry-run', 'only say what would be gone; change nothing')
    .option('--media', 'put files of results back from the folder <file>.media')
    .action(async (file, options) => (await import('./commands/store/restore.ts')).restore(file, options))
  program
    .command('restored')
    .description(
      'after other tools have put a store back: hold back the orders that waited; the gateways have to be stopped',
    )
    .action(async (options) => (await import('./commands/store/restored.ts')).restored(options))
  program
    .command('migrate-store')
    .description('move a whole store into an empty one, SQLite or PostgreSQL; the gateway has to be stopped')
    .requiredOption('--from <url>', 'the store, as in DATABASE_URL')
    .requiredOption('--to <url>', 'where it goes: an empty store, or one that is not there yet')
    .option('--restart', 'throw away what an interrupted move has written, and begin anew')
    .action(async (options) => (await import('./commands/store/migrate-store.ts')).migrateStore(options))
}
