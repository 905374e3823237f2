// How a store in PostgreSQL is named and reached: in words for operators, and never with its password.
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { StoreRefused } from '../../../src/db/errors.ts'
import { storeAt } from '../../../src/db/store-at.ts'
import { databaseOf, hasPostgres, onServer } from '../../support/stores/postgres-server.ts'
import { postgres } from '../../support/stores/postgres.ts'

const password = 'p4ssw0rd-of-an-operator'
const ignore = () => undefined

/** Everything that an error would show in a log. */
const shown = (error: unknown): string => {
  if (!(error instanceof Error)) return JSON.stringify(error)
  return [error.message, error.stack, JSON.stringify(error), shown(error.cause ?? null)].join('\n')
}

test.each([
  ['postgres://tollgate:PASSWORD@db.example:5432/shop', 'db.example:5432/shop'],
  ['postgresql://tollgate:PASSWORD@db.example/shop?sslmode=require', 'db.example/shop'],
  ['postgres:///shop?host=/run/postgresql&password=PASSWORD', '/run/postgresql/shop'],
])('%s is named %s', (url, name) => {
  expect(storeAt(url.replace('PASSWORD', password)).name).toBe(name)
})

test('a server that is not there is named, and its password is not', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  const store = storeAt(`postgres://tollgate:${password}@127.0.0.1:${port}/shop`)
  const asked = [
    store.exists(),
    store.make(),
    store.own(),
    store.isServed(),
    store.examine(),
    store.open({ onFatal: ignore }),
    store.lookAt().snapshot(async () => 1),
  ]
  for (const each of await Promise.allSettled(asked)) {
    const { reason } = each as PromiseRejectedResult
    expect(reason).toBeInstanceOf(StoreRefused)
    expect(String(reason)).toContain(`127.0.0.1:${port}/shop cannot be reached`)
    expect(shown(reason)).not.toContain(password)
  }
})

test('a gateway on SQLite loads nothing of PostgreSQL', () => {
  const storeFile = fileURLToPath(new URL('../../../src/db/store-at.ts', import.meta.url))
  const program = `
    const { storeAt } = await import(${JSON.stringify(storeFile)})
    storeAt('postgres://u:p@127.0.0.1/db')
    const { createRequire } = await import('node:module')
    const loaded = Object.keys(createRequire(import.meta.url).cache)
    console.log(JSON.stringify(loaded.filter((path) => /node_modules\\/pg/.test(path))))`
  const written = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  expect(JSON.parse(written)).toEqual([])
})

describe.skipIf(!hasPostgres)('PostgreSQL', () => {
  test('a database that is missing is made, and filled', async () => {
    const store = storeAt(postgres.newUrl())
    expect(await store.exists()).toBe(false)
    expect(await store.make()).toBe(true)
    expect(await store.exists()).toBe(true)
  })

  test('one that this user may not make is refused, with the statement that makes it', async () => {
    const url = new URL(postgres.newUrl())
    const user = `user_${databaseOf(url.href)}`
    await onServer(async (client) => void (await client.query(`CREATE ROLE "${user}" LOGIN`)))
    onTestFinished(
      async () => await onServer(async (client) => void (await client.query(`DROP ROLE "${user}"`))),
    )
    url.username = user
    const made = storeAt(url.href).make()
    await expect(made).rejects.toThrow(/may not make it.*CREATE DATABASE "store_\w+" ENCODING 'UTF8'/)
  })

  test('a database that has not every character is refused', async () => {
    const url = postgres.newUrl()
    await onServer(
      async (client) =>
        void (await client.query(
          `CREATE DATABASE "${databaseOf(url)}" ENCODING 'LATIN1' TEMPLATE template0`,
        )),
    )
    await expect(storeAt(url).make()).rejects.toThrow('encoded as LATIN1')
  })

  test('a number that would not count exactly is refused when it is read', async () => {
    const url = postgres.newUrl()
    await postgres.placeFresh(url)
    await postgres.open(url).write("INSERT INTO counters (name, value) VALUES ('much', 9007199254740993)")
    const db = await storeAt(url).open({ onFatal: ignore })
    onTestFinished(async () => await db.close())
    await expect(db.read.select().from(db.read.tables.counters)).rejects.toThrow('counts exactly')
  })

  test('commits are durable although the database says otherwise', async () => {
    const url = postgres.newUrl()
    await postgres.placeFresh(url)
    await onServer(
      async (client) =>
        void (await client.query(`ALTER DATABASE "${databaseOf(url)}" SET synchronous_commit = off`)),
    )
    const db = await storeAt(url).open({ onFatal: ignore })
    onTestFinished(async () => await db.close())
    const { sql } = await import('drizzle-orm')
    const [row] = await db.transaction(
      async (tx) => await tx.rows<{ is: string }>(sql`SELECT current_setting('synchronous_commit') AS is`),
    )
    expect(row?.is).toBe('on')
  })
})
