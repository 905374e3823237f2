// What every dialect promises of a store as a whole: found, made once, owned by one, examined, copied, put back.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { storeAt } from '../../../src/db/store-at.ts'
import { newFolder } from '../../support/folder.ts'
import { dialects } from '../../support/test-store.ts'
import { accountIds, insertAccount, openStore } from './dialects.ts'

const refuse = (words: string) => async (): Promise<never> => {
  throw new Error(words)
}

const copyIn = () => join(newFolder(), 'copy.db')

describe.each(dialects)('$name', ({ newUrl }) => {
  test('a store is made once, and is there from then on', async () => {
    const store = storeAt(newUrl())
    expect([await store.exists(), await store.remains()]).toEqual([false, []])
    await expect(store.examine()).rejects.toThrow('There is no store at')
    expect([await store.make(), await store.make()]).toEqual([true, false])
    expect(await store.exists()).toBe(true)
    expect(await store.examine()).toEqual({ schema: 'current', damage: [] })
  })

  test('it is named as operators know it, and the disk that it fills is there', async () => {
    const url = newUrl()
    const store = storeAt(url)
    expect(url).toContain(store.name)
    const folder = store.diskFolder()
    expect(folder === null || existsSync(folder)).toBe(true)
  })

  test('one process owns it; the next is told by whom, and may have it afterwards', async () => {
    const url = newUrl()
    const [store, other] = [storeAt(url), storeAt(url)]
    await store.make()
    expect(await other.isServed()).toBe(false)
    const ownership = await store.own()
    expect(await other.isServed()).toBe(true)
    await expect(other.own()).rejects.toThrow(`process ${process.pid}`)
    expect(other.served(null).message).toContain(`process ${process.pid}`)
    await ownership.release()
    expect(await other.isServed()).toBe(false)
    await (await other.own()).release()
  })

  test('commands read and write it while it is owned', async () => {
    const url = newUrl()
    const { store, db } = await openStore(url)
    const ownership = await store.own()
    const command = (await openStore(url)).db
    await command.transaction(insertAccount('acc_1'))
    expect(await accountIds(db.read)).toEqual(['acc_1'])
    await ownership.release()
  })

  test('what only reads it sees what is committed, once and again, and writes nothing', async () => {
    const { store, db } = await openStore(newUrl())
    const [look, anyVersion, kept] = [
      store.lookAt(),
      store.lookAt({ anyVersion: true }),
      store.keepLookingAt(),
    ]
    for (const [at, id] of ['acc_1', 'acc_2'].entries()) {
      await db.transaction(insertAccount(id))
      for (const { snapshot } of [look, anyVersion, kept])
        expect(await snapshot(accountIds)).toHaveLength(at + 1)
    }
    await expect(look.snapshot(async (read) => await insertAccount('no')(read as never))).rejects.toThrow()
    await expect(kept.snapshot(refuse('its own'))).rejects.toThrow('its own')
    expect(await kept.snapshot(accountIds)).toHaveLength(2)
    kept.close()
  })

  test('a store that is removed is gone, and can be made anew', async () => {
    const store = storeAt(newUrl())
    await store.make()
    const ownership = await store.own()
    await store.remove()
    await ownership.release()
    expect(await store.exists()).toBe(false)
    expect(await store.make()).toBe(true)
    expect(await store.lookAt().snapshot(accountIds)).toEqual([])
  })
})

describe.each(dialects.filter(({ copies }) => copies === 'itself'))('$name', ({ newUrl }) => {
  test('a copy holds what was committed when it was made, and replaces nothing', async () => {
    const { store, db } = await openStore(newUrl())
    await db.transaction(insertAccount('acc_1'))
    const target = copyIn()
    const { bytes, look } = await store.backUp(target)
    await db.transaction(insertAccount('acc_2'))
    expect(bytes).toBeGreaterThan(0)
    expect(await look.snapshot(accountIds)).toEqual(['acc_1'])
    await expect(store.backUp(target)).rejects.toThrow('exists already')
    await expect(storeAt(newUrl()).backUp(copyIn())).rejects.toThrow('nothing to copy')
  })

  test('a copy is put in its place, with what was written into it, and the store before is kept', async () => {
    const { store, db } = await openStore(newUrl())
    await db.transaction(insertAccount('acc_1'))
    const target = copyIn()
    await store.backUp(target)
    await db.transaction(insertAccount('acc_2'))
    await db.close()
    const { kept, prepared } = await store.restore(
      target,
      async (copy) => await copy.transaction(insertAccount('noted')),
    )
    expect(prepared).toBe('noted')
    expect(kept).not.toBeNull()
    expect(await store.lookAt().snapshot(accountIds)).toEqual(['acc_1', 'noted'])
  })

  test('a copy that is refused leaves the store as it was; so does one of a store that is owned', async () => {
    const { store, db } = await openStore(newUrl())
    await db.transaction(insertAccount('acc_1'))
    const target = copyIn()
    await store.backUp(target)
    await db.transaction(insertAccount('acc_2'))
    const refused = store.restore(target, refuse('not this one'))
    await expect(refused).rejects.toThrow('not this one')
    const ownership = await store.own()
    await expect(store.restore(target, async () => undefined)).rejects.toThrow('Stop it, then restore')
    await ownership.release()
    await expect(store.restore(`${target}.none`, async () => undefined)).rejects.toThrow('There is no file')
    expect(await accountIds(db.read)).toEqual(['acc_1', 'acc_2'])
  })
})

describe.each(dialects.filter(({ copies }) => copies === 'by tools'))('$name', ({ newUrl }) => {
  test('a copy is refused, and the refusal names the tools that make one', async () => {
    const { store } = await openStore(newUrl())
    const target = copyIn()
    await expect(store.backUp(target)).rejects.toThrow(/pg_dump.*point-in-time/)
    expect(existsSync(target)).toBe(false)
  })

  test('a copy is not put in its place, and the refusal names the tools that do so', async () => {
    const { store } = await openStore(newUrl())
    const refused = store.restore(copyIn(), refuse('never asked'))
    await expect(refused).rejects.toThrow(/pg_restore.*point-in-time/)
  })

  test('such a refusal leaves the store as it was', async () => {
    const { store, db } = await openStore(newUrl())
    await db.transaction(insertAccount('acc_1'))
    await expect(store.backUp(copyIn())).rejects.toThrow('nothing was changed')
    await expect(store.restore(copyIn(), refuse('never asked'))).rejects.toThrow('nothing was changed')
    expect(await accountIds(db.read)).toEqual(['acc_1'])
  })
})

test('a dialect that this version has not is refused in words', () => {
  expect(() => storeAt('mysql://gateway@db/tollgate')).toThrow('keeps its data in SQLite or PostgreSQL')
})
