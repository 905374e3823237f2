// Whether a configuration still reaches what is open in the store, for commands beside a gateway that may be serving it.
import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { DatabaseRefused } from '../db/database.ts'
import { lookAt } from '../db/sqlite/look.ts'
import { sqliteFile } from '../db/open.ts'
import { unreachableTasks } from '../tasks/unreachable/find.ts'
import type { Unreachable } from '../tasks/unreachable/find.ts'
import { refuseUnreachable } from '../tasks/unreachable/refuse.ts'
import { say } from './output/exit.ts'

/** Throws ConfigError with a line for each upstream and key that is gone while tasks need it. */
export async function requireReachInStore(config: Config): Promise<void> {
  const file = sqliteFile(config.databaseUrl)
  if (existsSync(file)) refuseUnreachable(await look(file, config))
}

async function look(file: string, config: Config): Promise<Unreachable[]> {
  try {
    return await lookAt(file).snapshot(async (read) => await unreachableTasks(read, config))
  } catch (error) {
    if (!(error instanceof DatabaseRefused)) throw error
    say(`Whether this configuration leaves open tasks behind was not looked at: ${error.message}`)
    return []
  }
}
