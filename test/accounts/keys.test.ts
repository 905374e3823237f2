// Keys: shown once, kept as a hash, told from a slip of the hand without a lookup, and dead the moment they are revoked.
import { describe, expect, test } from 'vitest'
import { changeAccount, createAccount } from '../../src/accounts/accounts.ts'
import { findCaller, findTestCaller } from '../../src/accounts/callers.ts'
import { createKey, listKeys, revokeKey } from '../../src/accounts/keys.ts'
import { hashOf, looksLikeSecret, looksLikeTestSecret, newSecret } from '../../src/accounts/secret.ts'
import type { Database } from '../../src/db/database.ts'
import { keyAlphabet } from '../../src/ids.ts'
import { openDatabase } from '../support/test-store.ts'

async function withKey(db: Database, expiresAt: number | null = null) {
  return await db.transaction(async (tx) => {
    const { id: accountId } = await createAccount(tx, { name: 'customer', nowMs: 1 })
    return await createKey(tx, { accountId, name: 'test', expiresAt, nowMs: 1 })
  })
}

describe('a secret', () => {
  test('is sk- and 32 letters and digits, and never the same twice', () => {
    const secrets = Array.from({ length: 500 }, newSecret)
    for (const secret of secrets) expect(secret).toMatch(/^sk-[0-9A-Za-z]{32}$/)
    expect(new Set(secrets).size).toBe(500)
    expect(secrets.every(looksLikeSecret)).toBe(true)
  })

  test('with any one character mistyped is refused by its looks', () => {
    const secret = newSecret()
    for (let at = 'sk-'.length; at < secret.length; at += 1) {
      for (const other of keyAlphabet) {
        if (other === secret[at]) continue
        expect(looksLikeSecret(secret.slice(0, at) + other + secret.slice(at + 1))).toBe(false)
      }
    }
  })

  test.each([
    '',
    'sk-',
    'sk-x',
    `sk-${'a'.repeat(31)}`,
    `sk-${'a'.repeat(33)}`,
    `pk-${'a'.repeat(32)}`,
    `sk-${'ä'.repeat(32)}`,
  ])('"%s" looks like none', (text) => {
    expect(looksLikeSecret(text)).toBe(false)
  })

  test('with two neighbours exchanged, or its case turned, is refused by its looks', () => {
    const secret = newSecret()
    for (let at = 3; at < secret.length - 1; at += 1) {
      const swapped = `${secret.slice(0, at)}${secret[at + 1]}${secret[at]}${secret.slice(at + 2)}`
      expect(looksLikeSecret(swapped)).toBe(swapped === secret)
    }
    expect(looksLikeSecret(`sk-${secret.slice(3).toUpperCase()}`)).toBe(false)
  })
})

describe('a test key', () => {
  test('is sk-test- and 32 letters and digits; neither kind looks like the other', () => {
    const [real, play] = [newSecret(), newSecret('test')]
    expect(play).toMatch(/^sk-test-[0-9A-Za-z]{32}$/)
    expect([looksLikeTestSecret(play), looksLikeSecret(play)]).toEqual([true, false])
    expect([looksLikeTestSecret(real), looksLikeSecret(real)]).toEqual([false, true])
    expect(looksLikeTestSecret(`sk-test-${real.slice(3)}`)).toBe(true)
    expect(looksLikeTestSecret(`${play.slice(0, -1)}${play.endsWith('a') ? 'b' : 'a'}`)).toBe(false)
  })

  test('is found as one alone, and a real key as a real one alone, known or not', async () => {
    const { db } = await openDatabase()
    const { accountId, secret: real } = await withKey(db)
    const { secret: play } = await db.transaction((tx) =>
      createKey(tx, { accountId, name: 'drill', expiresAt: null, nowMs: 1, kind: 'test' }),
    )
    for (let round = 0; round < 2; round += 1) {
      expect(await findCaller(db, play, { nowMs: 2 })).toBeNull()
      expect(await findTestCaller(db, real, { nowMs: 2 })).toBeNull()
      expect(await findCaller(db, real, { nowMs: 2 })).toMatchObject({ accountId })
      expect(await findTestCaller(db, play, { nowMs: 2 })).toMatchObject({ accountId, keyCreatedAt: 1 })
    }
  })
})

describe('a key', () => {
  test('finds its account, and only its own', async () => {
    const { db } = await openDatabase()
    const [one, other] = [await withKey(db), await withKey(db)]
    expect(await findCaller(db, one.secret, { nowMs: 1 })).toMatchObject({
      accountId: one.accountId,
      keyId: one.id,
    })
    expect(await findCaller(db, other.secret, { nowMs: 1 })).toMatchObject({ accountId: other.accountId })
    expect(await findCaller(db, newSecret(), { nowMs: 1 })).toBeNull()
  })

  test('stands nowhere in the store, nor in what lists it', async () => {
    const { db, store } = await openDatabase()
    const { secret, accountId } = await withKey(db)
    const [row] = await store.rows('SELECT * FROM keys')
    expect(JSON.stringify(row)).toContain(hashOf(secret))
    expect(JSON.stringify(row)).not.toContain(secret.slice(0, 12))
    const listed = JSON.stringify(await listKeys(db.read, accountId))
    expect(listed).not.toContain(secret.slice(0, 12))
    expect(listed).not.toContain(hashOf(secret))
  })

  test('opens nothing from the moment it is revoked, and revoking it again changes nothing', async () => {
    const { db } = await openDatabase()
    const { secret, id } = await withKey(db)
    const revoke = async (nowMs: number) => await db.transaction(async (tx) => await revokeKey(tx, id, nowMs))
    expect(await findCaller(db, secret, { nowMs: 1 })).not.toBeNull()
    expect(await revoke(5)).toMatchObject({ revokedAt: 5 })
    expect(await findCaller(db, secret, { nowMs: 5 })).toBeNull()
    expect(await revoke(9)).toMatchObject({ revokedAt: 5 })
    await expect(db.transaction((tx) => revokeKey(tx, 'key_none', 1))).rejects.toMatchObject({
      type: 'not_found',
    })
  })

  test('opens nothing from the moment another process revokes it, however often it was used here', async () => {
    const { db, store } = await openDatabase()
    const [{ secret, id }, other] = [await withKey(db), await withKey(db)]
    for (let at = 0; at < 3; at += 1)
      expect(await findCaller(db, secret, { nowMs: 1 })).toMatchObject({ keyId: id })
    const elsewhere = await openDatabase(store.databaseUrl)
    await elsewhere.db.transaction(async (tx) => await revokeKey(tx, id, 5))
    await new Promise((resolve) => setImmediate(resolve))
    expect(await findCaller(db, secret, { nowMs: 5 })).toBeNull()
    expect(await findCaller(db, other.secret, { nowMs: 5 })).toMatchObject({ status: 'active' })
    await elsewhere.db.transaction(async (tx) => {
      await changeAccount(tx, other.accountId, { status: 'suspended' })
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(await findCaller(db, other.secret, { nowMs: 5 })).toMatchObject({ status: 'suspended' })
  })

  test('opens nothing from the millisecond in which it expires', async () => {
    const { db } = await openDatabase()
    const { secret } = await withKey(db, 1_000)
    expect(await findCaller(db, secret, { nowMs: 999 })).not.toBeNull()
    expect(await findCaller(db, secret, { nowMs: 1_000 })).toBeNull()
  })

  test('of an account that was never is not made', async () => {
    const { db } = await openDatabase()
    const making = db.transaction((tx) =>
      createKey(tx, { accountId: 'acc_none', name: 'x', expiresAt: null, nowMs: 1 }),
    )
    await expect(making).rejects.toMatchObject({ type: 'not_found' })
    await expect(listKeys(db.read, 'acc_none')).rejects.toMatchObject({ type: 'not_found' })
  })
})
