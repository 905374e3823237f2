// What a run of the tests and its PostgreSQL server know of each other.
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** Where the run keeps the server, and the process that it ends with. */
export const serverFolder = 'TOLLGATE_TEST_POSTGRES'
export const serverRun = 'TOLLGATE_TEST_RUN'

const stopMaxMs = 10_000

/** Its keeper stops it when this file is gone, and then removes the folder. */
export async function stopServer(folder: string): Promise<void> {
  rmSync(join(folder, 'ready'), { force: true })
  for (const deadline = Date.now() + stopMaxMs; existsSync(folder) && Date.now() < deadline;) await pause(20)
}
