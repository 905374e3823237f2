// An erasure that a kill interrupts is gone on with, and a copy from before brings nobody back.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { until } from '../support/gateway.ts'
import {
  adminToken,
  ask,
  cleanUpAfterwards,
  newFolder,
  serving,
  storeIn,
  succeeded,
  tollgate,
} from './command.ts'
import type { Serving } from './command.ts'

cleanUpAfterwards()

const folder = newFolder()
const copy = join(folder, 'copy.db')
const serve = async (): Promise<Serving> => await serving(folder, ['serve', '--sandbox'])
let gateway: Serving
let account = ''
let key = ''

const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
  gateway.kill(signal)
  await gateway.ended
}

/** What is still stored of the account; each query names a row of it. */
async function left(): Promise<unknown[]> {
  const store = storeIn(folder)
  try {
    return [
      ...(await store.rows(`SELECT name FROM accounts WHERE id = '${account}' AND name <> 'removed'`)),
      ...(await store.rows(`SELECT name FROM keys WHERE account_id = '${account}' AND name <> 'removed'`)),
      ...(await store.rows(`SELECT id FROM keys WHERE account_id = '${account}' AND revoked_at IS NULL`)),
      ...(await store.rows(`SELECT order_json FROM requests WHERE order_json LIKE '%heron%'`)),
      ...(await store.rows(`SELECT note FROM entries WHERE note LIKE '%Nora%'`)),
      ...(await store.rows(`SELECT after_json FROM acts WHERE after_json LIKE '%Nora%'`)),
    ]
  } finally {
    await store.close()
  }
}

const erasedAll = async (): Promise<void> => {
  await until(left, (rows) => rows.length === 0)
}

beforeAll(async () => {
  gateway = await serve()
  account = (await succeeded(folder, ['accounts', 'create', 'Nora', '--credits', '100'])).id
  await succeeded(folder, ['credits', 'grant', account, '5', '--note', 'Nora paid'])
  key = (await tollgate(folder, ['keys', 'create', account, '--name', 'of Nora'])).stdout.trim()
  const order = { model_id: 'gpt-image-2', prompt: 'a shy heron' }
  const { data } = await ask(`${gateway.url}/api/v1/tasks/create`, key, order)
  await until(
    async () => (await ask(`${gateway.url}/api/v1/tasks/${data.task_id}`, key)).data.task_status,
    (status) => status === 3,
  )
  await succeeded(folder, ['backup', copy])
})

test('a command asks back, and refuses where nobody can answer or credits are left', async () => {
  const unasked = await tollgate(folder, ['accounts', 'erase', account])
  expect(unasked).toMatchObject({ code: 1, stdout: '' })
  expect(unasked.said).toContain('Add --yes')
  const rich = await tollgate(folder, ['accounts', 'erase', account, '--yes'])
  expect(rich).toMatchObject({ code: 1 })
  expect(rich.said).toContain('has 90 credits')
})

test('an export goes into a file of its own', async () => {
  const file = join(folder, 'nora.jsonl')
  expect(await succeeded(folder, ['accounts', 'export', 'Nora', file])).toMatchObject({ whole: true })
  expect(readFileSync(file, 'utf8')).toContain('a shy heron')
  const printed = await tollgate(folder, ['accounts', 'export', account])
  expect(printed.stdout.trimEnd().split('\n').at(-1)).toBe('{"type":"end","at":"end:whole","whole":true}')
})

test('what a kill has interrupted goes on with the next start', async () => {
  const url = `${gateway.url}/admin/v1/accounts/${account}?confirm=${account}&forfeit=true`
  expect((await ask(url, adminToken, undefined, 'DELETE')).data).toMatchObject({ name: 'removed' })
  await stop('SIGKILL')
  expect(readFileSync(join(folder, 'data/erased-accounts.txt'), 'utf8')).toContain(account)
  gateway = await serve()
  await erasedAll()
  expect((await ask(`${gateway.url}/api/v1/credits`, key)).error.type).toBe('unauthorized')
  expect((await succeeded(folder, ['ledger', 'verify'])).drift).toEqual([])
  await stop()
})

test('a copy from before is erased again while it is restored, by the store that it replaces', async () => {
  const restored = await succeeded(folder, ['restore', copy])
  expect(restored.erased).toEqual([account])
  expect(await left()).toEqual([])
})

test('and by the list in DATA_DIR where that store is lost', async () => {
  rmSync(join(folder, 'data/tollgate.db'), { force: true })
  for (const end of ['-wal', '-shm']) rmSync(join(folder, `data/tollgate.db${end}`), { force: true })
  expect((await succeeded(folder, ['restore', copy])).erased).toEqual([account])
  expect(await left()).toEqual([])
  gateway = await serve()
  expect((await ask(`${gateway.url}/api/v1/credits`, key)).error.type).toBe('unauthorized')
  await until(
    async () => await storeIn(folder).rows('SELECT finished_at FROM erasures WHERE finished_at IS NULL'),
    (rows) => rows.length === 0,
  )
  expect((await succeeded(folder, ['ledger', 'verify'])).drift).toEqual([])
  await stop()
})
