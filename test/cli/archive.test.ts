// The command that archives, on a store that nobody serves and beside a gateway.
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { seed } from '../bench/growth/seed.ts'
import { cleanUpAfterwards, newFolder, serving, storeIn, tollgate } from './command.ts'
import { storeAt } from '../../src/db/store-at.ts'

cleanUpAfterwards()

const dayMs = 24 * 60 * 60_000

test('what is older than it says goes into files, beside a gateway as well, and the ledger adds up', async () => {
  const folder = newFolder()
  mkdirSync(join(folder, 'data'))
  const store = storeIn(folder)
  await storeAt(store.databaseUrl).make()
  const [nowMs, spanMs] = [Date.now(), 100 * dayMs]
  await seed(store, { tasks: 200, queued: 0, running: 0, accounts: 3, oldDeliveries: 50, nowMs, spanMs })
  const archive = async (age: string) => {
    const { code, json } = await tollgate(folder, ['archive', '--older-than', age, '--json'])
    expect(code).toBe(0)
    return json
  }
  const first = await archive('60d')
  expect(first.orders).toBeGreaterThan(50)
  expect(first.orders).toBeLessThan(100)
  await serving(folder, ['serve', '--sandbox'])
  const second = await archive('30d')
  expect(first.orders + second.orders).toBeGreaterThan(100)
  const lines = [...first.files, ...second.files].flatMap((path: string) =>
    gunzipSync(readFileSync(path)).toString().trimEnd().split('\n'),
  )
  expect(lines).toHaveLength(first.orders + second.orders)
  expect((await tollgate(folder, ['ledger', 'verify', '--json'])).json).toMatchObject({ ok: true, drift: [] })

  const { code, said } = await tollgate(folder, ['archive', '--older-than', 'long'])
  expect({ code, said }).toMatchObject({ code: 2, said: expect.stringContaining('such as 90d') })
  expect(await tollgate(folder, ['archive'])).toMatchObject({ code: 2 })
})
