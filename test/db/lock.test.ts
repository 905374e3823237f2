// One gateway to a file: the second is refused, and a dead one holds nothing.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { StoreRefused } from '../../src/db/errors.ts'
import { lockFile } from '../../src/db/sqlite/ownership/lock.ts'
import { startGateway } from '../support/gateway.ts'
import { newFolder } from '../support/folder.ts'

test('a second lock on the same file is refused until the first is given back', () => {
  const file = join(newFolder(), 'store.db')
  const unlock = lockFile(file)
  expect(() => lockFile(file)).toThrow(StoreRefused)
  expect(() => lockFile(file)).toThrow('One process serves a SQLite file')
  unlock()
  lockFile(file)()
})

test('another file beside it is another lock', () => {
  const folder = newFolder()
  const unlock = lockFile(join(folder, 'one.db'))
  lockFile(join(folder, 'two.db'))()
  unlock()
  expect(unlock).toBeTypeOf('function')
})

test('a link to a file that is not there yet is a name of that file, too', () => {
  const folder = newFolder()
  const file = join(folder, 'store.db')
  const alias = join(newFolder(), 'alias.db')
  symlinkSync(file, alias)
  const unlock = lockFile(alias)
  writeFileSync(file, '')
  expect(() => lockFile(alias)).toThrow(StoreRefused)
  expect(() => lockFile(file)).toThrow(StoreRefused)
  unlock()
  lockFile(file)()
})

test('a file is the same file under a second name', () => {
  const folder = newFolder()
  const file = join(folder, 'store.db')
  const alias = join(folder, 'alias.db')
  writeFileSync(file, '')
  symlinkSync(file, alias)
  const unlock = lockFile(file)
  expect(() => lockFile(alias)).toThrow(StoreRefused)
  unlock()
  lockFile(alias)()
})

test('a second gateway on the same store does not start, and the first serves on', async () => {
  const gateway = await startGateway()
  onTestFinished(() => gateway.stop())
  const second = startGateway({ env: { DATABASE_URL: gateway.app.ctx.config.databaseUrl } })
  await expect(second).rejects.toThrow('is being served by another tollgate')
  const customer = await gateway.customer(100)
  expect(await customer.balance()).toBe(100)
})

test('a lock holds for as long as its process lives, and dies with it', async () => {
  const file = join(newFolder(), 'store.db')
  const lockSource = new URL('../../src/db/sqlite/ownership/lock.ts', import.meta.url).href
  const script = `
    const { lockFile } = await import(${JSON.stringify(lockSource)})
    lockFile(${JSON.stringify(file)})
    // Nobody keeps what lockFile returned.
    for (let round = 0; round < 5; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10))
      globalThis.gc()
    }
    process.stdout.write('locked')
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  expect(() => lockFile(file)).toThrow(StoreRefused)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(() => lockFile(file)()).not.toThrow()
})
