// The commands about money, run beside a gateway that serves the same store.
import { beforeAll, expect, test } from 'vitest'
import { until } from '../support/gateway.ts'
import { ask, cleanUpAfterwards, newFolder, serving, succeeded, tollgate } from './command.ts'
import type { Serving } from './command.ts'

cleanUpAfterwards()

const folder = newFolder()
let gateway: Serving
beforeAll(async () => {
  gateway = await serving(folder, ['serve', '--sandbox'])
})

const done = async (...args: string[]) => await succeeded(folder, args)

test('codes are made, redeemed, listed and voided, and what a task cost is given back', async () => {
  const { id: account } = await done('accounts', 'create', 'Ann')
  const { key } = await done('keys', 'create', account)
  const made = await tollgate(folder, ['codes', 'create', '40', '--count', '2', '--note', 'June'])
  expect(made.said).toMatch(/^These codes of batch_[0-9a-z]{27} are shown this once:\n$/)
  const codes = made.stdout.trim().split('\n')
  expect(codes).toEqual(codes.map(() => expect.stringMatching(/^tg(?:-[2-9A-HJKMNP-Z]{5}){4}$/)))
  const redeemed = await ask(`${gateway.url}/api/v1/credits/redeem`, key, { code: codes[0] })
  expect(redeemed.data).toEqual({ credits: 40, balance: 40 })
  const { codes: listed } = await done('codes', 'list', '--status', 'redeemed')
  expect(listed).toMatchObject([{ redeemed_by: account, note: 'June', credits: 40 }])
  expect(await done('codes', 'void', codes[1] ?? '')).toEqual({ voided: 1 })
  expect(await done('codes', 'void', listed[0].batch_id)).toEqual({ voided: 0 })

  const picture = { model_id: 'gpt-image-2', prompt: 'a heron' }
  const { task_id: id } = (await ask(`${gateway.url}/api/v1/tasks/create`, key, picture)).data
  await until(
    () => done('tasks', 'show', id),
    ({ state }) => state === 'succeeded',
  )
  expect(await done('tasks', 'refund', id, '--reason', 'too dark', '--credits', '5')).toEqual({
    refunded: 5,
    balance: 30,
  })
  const refused = await tollgate(folder, [
    'tasks',
    'refund',
    id,
    '--reason',
    'more',
    '--credits',
    '11',
    '--json',
  ])
  expect(refused).toMatchObject({ code: 1, json: { ok: false } })
  expect(await done('ledger', 'verify')).toMatchObject({ ok: true })
})

test('reconcile lists, and decides only what is said whole', async () => {
  expect(await done('reconcile')).toEqual({ items: [] })
  const halfSaid = await tollgate(folder, ['reconcile', 'orph_1', '--decision', 'write_off'])
  expect([halfSaid.code, halfSaid.said]).toEqual([2, expect.stringContaining('--reason')])
  const none = await tollgate(folder, [
    'reconcile',
    'orph_1',
    '--decision',
    'write_off',
    '--reason',
    'r',
    '--json',
  ])
  expect(none).toMatchObject({ code: 1, json: { ok: false } })
  expect((await tollgate(folder, ['codes', 'create', '40', '--count', '1001'])).code).toBe(2)
})
