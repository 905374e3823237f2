// The stores of the benchmark in one folder, of either dialect: made once, served, read from outside.
import { chmodSync, copyFileSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { storeAt } from '../../../src/db/store-at.ts'
import type { TestStore } from '../../support/stores/dialect.ts'
import { openTestStore } from '../../support/test-store.ts'
import { askAt, startServer } from '../postgres/server.ts'
import { addOldDeliveries, seed } from './seed.ts'
import { seedServer } from './seed-server.ts'

export interface Stores {
  urlOf(name: string): string
  /** Null where the gateway itself writes the store. */
  readonly serverPid: number | null
  /** Makes it, with so many ended tasks; one that stands there already stays as it is. */
  make(name: string, tasks: number): Promise<void>
  /** The same store with a delivery of each task that is to be deleted: seeding it anew would take as long again. */
  readonly addBacklog: ((from: string, to: string, tasks: number) => Promise<void>) | null
  rows<Shape>(name: string, sql: string): Promise<Shape[]>
  /** What is written before it is in its place; null where others are in the same. */
  logBytes(name: string): number | null
  stop(): Promise<void>
}

const growthOf = (tasks: number) => ({
  tasks,
  accounts: 50,
  nowMs: Date.now(),
  spanMs: 365 * 24 * 3_600_000,
})

export function sqliteStores(folder: string): Stores {
  const fileOf = (name: string): string => join(folder, name, 'data/tollgate.db')
  const urlOf = (name: string): string => `file:${fileOf(name)}`
  const storeIn = (name: string): TestStore => openTestStore(urlOf(name))
  return {
    urlOf,
    serverPid: null,
    async make(name, tasks) {
      if (existsSync(fileOf(name))) return
      mkdirSync(join(folder, name, 'data'), { recursive: true })
      await storeAt(urlOf(name)).make()
      // None runs: the upstream of this benchmark does not know of them, and would be asked.
      const none = { queued: 0, running: 0, oldDeliveries: 0 }
      if (tasks > 0) await seed(storeIn(name), { ...growthOf(tasks), ...none })
    },
    async addBacklog(from, to, tasks) {
      if (existsSync(fileOf(to))) return
      mkdirSync(join(folder, to, 'data'), { recursive: true })
      copyFileSync(fileOf(from), fileOf(to))
      await addOldDeliveries(storeIn(to), tasks)
    },
    rows: async (name, sql) => await storeIn(name).rows(sql),
    logBytes: (name) => statSync(`${fileOf(name)}-wal`, { throwIfNoEntry: false })?.size ?? 0,
    stop: async () => undefined,
  }
}

/** On a server of its own, with the settings that it comes with. */
export async function postgresStores(folder: string): Promise<Stores> {
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, 0o755)
  const server = await startServer(join(folder, 'server'))
  if (!server) throw new Error('this machine has no PostgreSQL')
  const urlOf = (name: string): string => server.urlOf(name)
  const ask = async (database: string, sql: string) =>
    await askAt(urlOf(database), async (client) => (await client.query(sql)).rows)
  return {
    urlOf,
    serverPid: server.pid,
    async make(name, tasks) {
      if ((await ask('postgres', `SELECT 1 FROM pg_database WHERE datname = '${name}'`)).length > 0) return
      await ask('postgres', `CREATE DATABASE ${name}`)
      await storeAt(urlOf(name)).make()
      if (tasks > 0) await seedServer(urlOf(name), growthOf(tasks))
    },
    addBacklog: null,
    rows: ask,
    logBytes: () => null,
    stop: async () => await server.stop(),
  }
}
