// `tollgate migrate-store`: moves a whole store between SQLite and PostgreSQL, and says what is not in a store.
import { join } from 'node:path'
import { moveStore } from '../../../app/move/move-store.ts'
import type { Moved, Step } from '../../../app/move/move-store.ts'
import type { Config } from '../../../config/config.ts'
import { ConfigError } from '../../../config/problems.ts'
import type { Store } from '../../../db/dialect.ts'
import { storeAt } from '../../../db/store-at.ts'
import { print, say } from '../../output/exit.ts'
import type { OutputOptions } from '../../output/exit.ts'
import { readSettings } from '../../settings.ts'

interface MigrateOptions extends OutputOptions {
  readonly from: string
  readonly to: string
  readonly restart?: boolean
}

/** How often a long step says how far it is. */
const sayEveryMs = 5_000

export async function migrateStore(options: MigrateOptions): Promise<void> {
  const [from, to] = [storeNamed('--from', options.from), storeNamed('--to', options.to)]
  const { config } = readSettings()
  say(`From ${from.name} to ${to.name}.`)
  const { restart = false } = options
  const moved = await moveStore({ from, to, restart, onStep: progress() })
  const { rows, ...rest } = moved
  const total = Object.values(rows).reduce((sum, count) => sum + count, 0)
  const notIn = notInIt(config, to)
  const data = {
    ok: true,
    from: from.name,
    to: to.name,
    rows: total,
    tables: rows,
    ...rest,
    not_in_it: notIn,
  }
  print(options, data, [
    `${to.name}: ${total} rows of ${Object.keys(rows).length} tables, each compared; ` +
      `${moved.entries} entries of ${moved.accounts} accounts add up`,
  ])
  if (!options.json) say(...adviceOn({ from, to, moved, notIn }))
}

/** Never repeats the URL, which may hold a password. */
function storeNamed(option: string, url: string): Store {
  try {
    return storeAt(url)
  } catch (error) {
    if (error instanceof ConfigError) {
      throw new ConfigError(error.problems.map((problem) => problem.replace('DATABASE_URL', option)))
    }
    throw new ConfigError([
      `${option}: this is no URL. Write postgres://USER:PASSWORD@HOST:5432/DATABASE, with signs such as @ and / in ` +
        'the password written as %40 and %2F.',
    ])
  }
}

function progress(): (step: Step) => void {
  let saidAt = performance.now()
  return ({ phase, table, rows }) => {
    const now = performance.now()
    const isLong = table !== undefined
    if (isLong && now - saidAt < sayEveryMs) return
    saidAt = now
    say(isLong ? `${words[phase]} ${table}: ${rows} rows` : words[phase])
  }
}

const words: Record<Step['phase'], string> = {
  checked: 'The store is whole, and its ledger adds up.',
  begun: 'The new store is empty, and marked until all has arrived.',
  copying: 'Copying',
  copied: 'Everything is copied.',
  comparing: 'Comparing',
  compared: 'Every row of one is in the other.',
  audited: 'The new store has its guards, and both ledgers add up.',
  marked: 'The old store is marked as moved.',
}

interface Part {
  readonly path: string
  readonly what: string
}

const keyWords = 'the key of the webhook secrets that were moved; without it no webhook is signed'

function notInIt({ dataDir, sealingKey, media }: Config, to: Store): Part[] {
  const file = join(dataDir, 'sealing.key')
  const keyInFile = to.isShared
    ? { path: file, what: `${keyWords}. Start with SEALING_KEY_FILE=${file}` }
    : { path: file, what: keyWords }
  const parts = [
    sealingKey === null ? keyInFile : { path: 'SEALING_KEY', what: `${keyWords}. Leave it set` },
    { path: join(dataDir, 'media'), what: 'kept results and uploads' },
    { path: join(dataDir, 'archive'), what: 'archived orders' },
    { path: join(dataDir, 'test'), what: 'what was played with test keys; not needed' },
  ]
  const bucket = media.s3 ? [{ path: media.s3.bucket, what: 'kept results in the bucket' }] : []
  return [...parts, ...bucket]
}

interface Told {
  readonly from: Store
  readonly to: Store
  readonly moved: Moved
  readonly notIn: readonly Part[]
}

function adviceOn({ from, to, moved, notIn }: Told): string[] {
  return [
    ...(moved.resumed ? ['A move that was interrupted was taken up and finished.'] : []),
    ...(moved.replaced > 0
      ? [
          `${moved.replaced} texts held the character 0, which PostgreSQL cannot hold; they have U+FFFD there now.`,
        ]
      : []),
    `Now set DATABASE_URL to ${to.name}, with its user and password, and start tollgate serve. ${from.name} is as it ` +
      'was, and is not served any more; remove it once you have a backup of the new one.',
    'Not in a store, and so not moved. Keep DATA_DIR and the environment as they are; on another machine, copy them there:',
    ...notIn.map(({ path, what }) => `  ${path}: ${what}`),
  ]
}
