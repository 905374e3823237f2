// What every dialect promises to tests: a store read, changed, damaged and held from outside the gateway.
import { describe, expect, test } from 'vitest'
import { dialects, openDatabase } from '../../support/test-store.ts'
import { accountIds, insertAccount } from './dialects.ts'

const key =
  "INSERT INTO keys (id, account_id, name, hash, prefix, created_at) VALUES ('key_1', 'nobody', '', 'h', 'p', 1)"
const account = (id: string) => ({ id, name: id, status: 'active', balance: 0, tasks_open: 0, created_at: 1 })

describe.each(dialects)('$name', ({ newUrl }) => {
  test('what is committed is read, and what is written outside is seen by the gateway', async () => {
    const { db, store } = await openDatabase(newUrl())
    await db.transaction(insertAccount('acc_1', 7))
    const balances = async () => await store.rows('SELECT balance FROM accounts WHERE id = ?', ['acc_1'])
    expect(await balances()).toEqual([{ balance: 7 }])
    await store.write('UPDATE accounts SET balance = ?, name = ? WHERE id = ?', [8, 'new', 'acc_1'])
    expect(await balances()).toEqual([{ balance: 8 }])
    expect(await db.read.select().from(db.read.tables.accounts)).toMatchObject([{ balance: 8, name: 'new' }])
  })

  test('a read cannot write, and of a write that fails nothing stays', async () => {
    const { db, store } = await openDatabase(newUrl())
    await db.transaction(insertAccount('acc_1'))
    await expect(store.rows("UPDATE accounts SET name = 'read' RETURNING id")).rejects.toThrow()
    await expect(store.write(`UPDATE accounts SET name = 'half'; ${key}`)).rejects.toThrow()
    expect(await store.rows('SELECT name FROM accounts')).toEqual([{ name: 'acc_1' }])
  })

  test('guards hold for a write, and are lifted for damage alone', async () => {
    const { db, store } = await openDatabase(newUrl())
    await db.transaction(insertAccount('acc_1'))
    const entry = `INSERT INTO entries (account_id, kind, amount, balance_after, created_at)
      VALUES ('acc_1', 'grant', 1, 1, 1)`
    await store.write(entry)
    const [gone, negative] = ['DELETE FROM entries', 'UPDATE accounts SET balance = -1']
    for (const refused of [key, gone, negative]) await expect(store.write(refused)).rejects.toThrow()
    await store.spoil(key, 'references')
    for (const refused of [gone, negative]) await expect(store.spoil(refused, 'references')).rejects.toThrow()
    await store.spoil(`${gone}; ${negative}`, 'guards')
    expect(await store.rows('SELECT id FROM entries')).toEqual([])
    expect(await store.rows('SELECT balance FROM accounts')).toEqual([{ balance: -1 }])
    // They are back.
    await store.spoil('UPDATE accounts SET balance = 0', 'guards')
    await store.write(entry)
    for (const refused of [gone, negative]) await expect(store.write(refused)).rejects.toThrow()
  })

  test('thousands of rows are written, each group whole or not at all', async () => {
    const { store } = await openDatabase(newUrl())
    const accounts = Array.from({ length: 3_000 }, (_, at) => account(`acc_${at}`))
    const counted = async () => await store.rows('SELECT count(*) AS count FROM accounts')
    await store.insert([{ accounts }, { keys: [] }])
    expect(await counted()).toEqual([{ count: 3_000 }])
    await expect(store.insert([{ accounts: [account('acc_new'), account('acc_1')] }])).rejects.toThrow()
    expect(await counted()).toEqual([{ count: 3_000 }])
  })

  test('while a test holds the store, no other connection writes', async () => {
    const { db, store } = await openDatabase(newUrl())
    const release = await store.hold()
    let isDone = false
    const work = db.transaction(insertAccount('acc_1')).then(() => (isDone = true))
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve, 1))
    expect(isDone).toBe(false)
    expect(await accountIds(db.read)).toEqual([])
    await release()
    await work
    expect(await accountIds(db.read)).toEqual(['acc_1'])
    await store.hold()
    await store.close()
    await db.transaction(insertAccount('acc_2'))
    expect(await accountIds(db.read)).toEqual(['acc_1', 'acc_2'])
  })

  test('a trigger of a test refuses what it names, or does more', async () => {
    const { db, store } = await openDatabase(newUrl())
    const when = "NEW.name = 'no'"
    await store.addTrigger({
      name: 'no_no',
      on: 'BEFORE UPDATE OF name ON accounts',
      when,
      refuses: 'it is no',
    })
    const does = "UPDATE accounts SET name = 'made' WHERE id = NEW.id"
    await store.addTrigger({ name: 'made', on: 'AFTER INSERT ON accounts', does })
    await db.transaction(insertAccount('acc_1'))
    expect(await store.rows('SELECT name FROM accounts')).toEqual([{ name: 'made' }])
    await expect(store.write("UPDATE accounts SET name = 'no'")).rejects.toThrow('it is no')
    await store.write("UPDATE accounts SET name = 'yes'")
  })

  test('commits are counted, and references can be left to the commit, which then fails', async () => {
    const { db, store, fatal } = await openDatabase(newUrl())
    await db.transaction(insertAccount('acc_1'))
    const before = await store.commits()
    await db.transaction(insertAccount('acc_2'))
    expect((await store.commits()) - before).toBe(1)
    const broken = db.transaction(async (tx) => {
      await store.deferReferences(tx)
      const row = { id: 'key_1', accountId: 'nobody', name: '', hash: 'h', prefix: 'p', createdAt: 1 }
      await tx.insert(tx.tables.keys).values(row)
    })
    await expect(broken).rejects.toThrow()
    expect(fatal).toHaveLength(1)
  })

  test('its bytes hold what was written, and a plan says whether a table is looked through', async () => {
    const { db, store } = await openDatabase(newUrl())
    await db.transaction(insertAccount('acc_to_find'))
    const bytes = await store.bytes()
    expect([bytes.includes('acc_to_find'), bytes.includes('acc_none')]).toEqual([true, false])
    const [byId, byName] = [
      await store.planOf('SELECT * FROM accounts WHERE id = ?'),
      await store.planOf('SELECT * FROM accounts WHERE name = ?'),
    ]
    expect(byId.join()).toMatch(/index/i)
    expect(byName.join()).not.toMatch(/index/i)
  })
})
