// A server that speaks another language, and settings that keep its warnings back: it is understood all the same.
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import { CommitUnknown } from '../../../src/db/errors.ts'
import { openPostgres } from '../../../src/db/postgres/postgres.ts'
import { databaseOf, hasPostgres, onServer } from '../../support/stores/postgres-server.ts'
import { postgres } from '../../support/stores/postgres.ts'
import { insertAccount } from '../conformance/dialects.ts'

/** The severities of messages as a server in Spain or Germany has them; their letters are as many. */
const translated = (bytes: Buffer): Buffer =>
  Buffer.from(
    bytes.toString('latin1').replaceAll('SERROR\0', 'SFALLA\0').replaceAll('SWARNING\0', 'SWARNUNG\0'),
    'latin1',
  )

async function abroad(databaseUrl: string): Promise<string> {
  const url = new URL(databaseUrl)
  const target = Number(url.port)
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    const end = () => [near, far].forEach((socket) => socket.destroy())
    for (const socket of [near, far]) socket.on('error', end).on('close', end)
    near.on('data', (bytes) => far.write(bytes))
    far.on('data', (bytes) => near.write(translated(bytes)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  url.port = String((server.address() as AddressInfo).port)
  return url.href
}

async function open(url: string) {
  const db = await openPostgres({ url, name: 'the store' }, { onFatal: () => undefined })
  onTestFinished(async () => await db.close())
  return db
}

/** As where a standby was not waited for, the server warns at the commit. */
async function warnAtCommits(databaseUrl: string): Promise<void> {
  await onServer(async (client) => {
    await client.query(`CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE WARNING 'canceling wait for synchronous replication'; RETURN NULL; END $$`)
    await client.query(`CREATE CONSTRAINT TRIGGER warn AFTER INSERT ON accounts DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION warn()`)
  }, databaseOf(databaseUrl))
}

async function fresh(): Promise<string> {
  const databaseUrl = postgres.newUrl()
  await postgres.placeFresh(databaseUrl)
  return databaseUrl
}

describe.skipIf(!hasPostgres)('PostgreSQL', () => {
  test('a refusal in another language is no lost connection: the work gets its own error', async () => {
    const db = await open(await abroad(await fresh()))
    await db.transaction(insertAccount('acc_1'))
    await expect(db.transaction(insertAccount('acc_1'))).rejects.toMatchObject({ code: '23505' })
  })

  test('a warning at the commit in another language leaves it unknown', async () => {
    const databaseUrl = await fresh()
    await warnAtCommits(databaseUrl)
    const db = await open(await abroad(databaseUrl))
    await expect(db.transaction(insertAccount('acc_1'))).rejects.toThrow(CommitUnknown)
  })

  test('a database that keeps warnings back is made to say them', async () => {
    const databaseUrl = await fresh()
    await warnAtCommits(databaseUrl)
    const name = databaseOf(databaseUrl)
    await onServer(
      async (client) => void (await client.query(`ALTER DATABASE "${name}" SET client_min_messages = error`)),
    )
    const db = await open(databaseUrl)
    await expect(db.transaction(insertAccount('acc_1'))).rejects.toThrow(CommitUnknown)
  })
})
