// An operator names accounts and keys by what he has at hand, and never hits another one than he means.
import { expect, test } from 'vitest'
import { createAccount } from '../../src/accounts/accounts.ts'
import { createKey, revokeKey } from '../../src/accounts/keys.ts'
import { accountIdOf, keyIdOf } from '../../src/accounts/named.ts'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../support/test-store.ts'

const nowMs = 1_000

const account = (db: Database, name: string) =>
  db.transaction(async (tx) => (await createAccount(tx, { name, nowMs })).id)
const key = (db: Database, accountId: string) =>
  db.transaction((tx) => createKey(tx, { accountId, name: 'k', expiresAt: null, nowMs }))

test('an account is found by its id and by the name that it alone has', async () => {
  const { db } = await openDatabase()
  const [ann, bob] = [await account(db, 'Ann'), await account(db, 'Bob')]
  expect(await accountIdOf(db.read, ann)).toBe(ann)
  expect(await accountIdOf(db.read, 'Bob')).toBe(bob)
  for (const given of ['ann', 'An', '', ann.slice(0, -1), '%']) {
    await expect(accountIdOf(db.read, given), given).rejects.toMatchObject({ type: 'not_found' })
  }
})

test('a name that two accounts have finds none, and says which they are', async () => {
  const { db } = await openDatabase()
  const twins = [await account(db, 'Ann'), await account(db, 'Ann')]
  const refused = accountIdOf(db.read, 'Ann')
  await expect(refused).rejects.toMatchObject({ type: 'invalid_request', field: 'id' })
  for (const id of twins) await expect(refused).rejects.toThrow(id)
})

test('an id is an id also where another account bears it as its name', async () => {
  const { db } = await openDatabase()
  const ann = await account(db, 'Ann')
  await account(db, ann)
  expect(await accountIdOf(db.read, ann)).toBe(ann)
})

test('a key is found by its id, by itself, and by its beginning with or without the dots', async () => {
  const { db } = await openDatabase()
  const { id, secret, prefix } = await key(db, await account(db, 'Ann'))
  for (const given of [id, secret, prefix, secret.slice(0, 7), `${secret.slice(0, 7)}...`]) {
    expect(await keyIdOf(db.read, given), given).toBe(id)
  }
})

test('what is no beginning, or goes on where nothing is kept of a key, finds none', async () => {
  const { db } = await openDatabase()
  const { secret } = await key(db, await account(db, 'Ann'))
  for (const given of ['', 'sk-', '…', 'sk-_', secret.slice(1, 7), `${secret.slice(0, 6)}_`]) {
    await expect(keyIdOf(db.read, given), given).rejects.toMatchObject({ type: 'not_found' })
  }
  for (const given of [secret.slice(0, 12), `${secret.slice(0, 7)}wrong`, `${secret.slice(0, -1)}_`]) {
    await expect(keyIdOf(db.read, given), given).rejects.toMatchObject({ type: 'invalid_request' })
  }
})

test('a beginning that several keys have finds the only one that is still open, else none', async () => {
  const { db } = await openDatabase()
  const accountId = await account(db, 'Ann')
  const beginnings = new Map<string, string[]>()
  let twins: string[] = []
  // Two of a few dozen begin with the same letter.
  while (twins.length < 2) {
    const { id, secret } = await key(db, accountId)
    const beginning = secret.slice(0, 4)
    twins = [...(beginnings.get(beginning) ?? []), id]
    beginnings.set(beginning, twins)
  }
  const [beginning = ''] = [...beginnings].find(([, ids]) => ids.length === 2) ?? []
  await expect(keyIdOf(db.read, beginning)).rejects.toMatchObject({ type: 'invalid_request' })
  await db.transaction((tx) => revokeKey(tx, twins[0] ?? '', nowMs))
  expect(await keyIdOf(db.read, beginning)).toBe(twins[1])
  await db.transaction((tx) => revokeKey(tx, twins[1] ?? '', nowMs))
  await expect(keyIdOf(db.read, beginning)).rejects.toMatchObject({ type: 'invalid_request' })
})
