// The ground that histories are played on: a folder in memory where there is one, and an empty store to begin from.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAccount } from '../../src/accounts/accounts.ts'
import { createKey } from '../../src/accounts/keys.ts'
import { closeContext, createContext } from '../../src/app/context.ts'
import { loadConfig } from '../../src/config/config.ts'
import type { Config } from '../../src/config/config.ts'
import type { Context } from '../../src/context.ts'
import { createLog } from '../../src/log.ts'
import type { Account } from './model.ts'
import { yamlOf } from './rules.ts'
import type { Prices, Rules } from './rules.ts'

/** Waiting for a disk would be most of the time, and proves nothing here: how the store syncs is proved elsewhere. */
const memory = '/dev/shm'

/** Where Keevx is asked to call back. */
const publicUrl = 'https://gate.example'

export const startMs = Date.UTC(2030, 0, 1)

type Begun = Pick<Account, 'id'> & {
  readonly keys: readonly { readonly id: string; readonly secret: string }[]
}

export interface Ground {
  /** What a context holds beside what each life makes for itself. */
  readonly base: Context
  readonly accounts: readonly Begun[]
  /** A folder for one history, with the empty store in it. */
  folder(): { readonly path: string; readonly file: string; remove(): void }
  /** What was logged at `error` and above since this was last asked. */
  errors(): string[]
  /** Writes a tollgate.yaml and reads it as a starting gateway would. */
  configure(folder: string, rules: Rules, prices: Prices): Config
  close(): void
}

export async function openGround(): Promise<Ground> {
  const place = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'tollgate-simulation-'))
  const lines: string[] = []
  const log = createLog('error', { write: (line) => void lines.push(line) })
  const configs = new Map<string, Config>()
  const config = loadConfig({ cwd: place, env: { KEEVX_API_KEY: 'upstream-key' } })
  const template = join(place, 'template.db')
  const base = await createContext({ config: { ...config, databaseUrl: `file:${template}` }, log })
  const accounts: Begun[] = []
  for (const name of ['rich', 'poor', 'new']) accounts.push(await newAccount(base, name))
  await closeContext(base)
  let folders = 0
  return {
    base,
    accounts,
    errors: () => lines.splice(0),
    folder() {
      const path = join(place, String((folders += 1)))
      mkdirSync(path)
      const file = join(path, 'life-1.db')
      copyFileSync(template, file)
      return { path, file, remove: () => rmSync(path, { recursive: true }) }
    },
    configure(folder, rules, prices) {
      const configFile = join(folder, 'tollgate.yaml')
      const yaml = yamlOf(rules, prices)
      writeFileSync(configFile, yaml)
      const known = configs.get(yaml)
      if (known) return { ...known, configFile }
      const read = loadConfig({
        cwd: folder,
        env: { KEEVX_API_KEY: rules.upstreamKeys.join(','), PUBLIC_URL: publicUrl },
      })
      configs.set(yaml, read)
      return read
    },
    close: () => rmSync(place, { recursive: true, force: true }),
  }
}

async function newAccount({ db }: Context, name: string): Promise<Begun> {
  return await db.transaction(async (tx) => {
    const { id: accountId } = await createAccount(tx, { name, nowMs: startMs })
    const wanted = { accountId, name: 'key', expiresAt: null, nowMs: startMs }
    const keys = [await createKey(tx, wanted), await createKey(tx, wanted)]
    return { id: accountId, keys: keys.map(({ id, secret }) => ({ id, secret })) }
  })
}
