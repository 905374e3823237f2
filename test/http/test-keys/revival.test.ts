// The gateway behind test keys comes back by itself when it fails. Real keys do not notice.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { withFile } from '../../support/stores/sqlite-file.ts'
import { openTestStore } from '../../support/test-store.ts'
import { startGateway, until } from '../../support/gateway.ts'
import type { Answer, Customer, Gateway } from '../../support/gateway.ts'
import { failure, seen } from '../expectations.ts'
import { testCustomer } from './test-customer.ts'
import type { TestCustomer } from './test-customer.ts'

const picture = { model_id: 'gpt-image-2', prompt: 'a heron' }

let gateway: Gateway
let real: Customer
let play: TestCustomer
beforeEach(async () => {
  gateway = await startGateway()
  onTestFinished(async () => await gateway.stop())
  real = await gateway.customer(100)
  play = await testCustomer(gateway, real.accountId)
})

const folder = () => join(gateway.app.ctx.config.dataDir, 'test')
const file = () => join(folder(), 'tollgate.db')
const shown = async () => {
  const [{ status, json, text }, metrics] = [
    await gateway.call('GET', '/readyz'),
    await gateway.call('GET', '/metrics'),
  ]
  expect(text).not.toContain(gateway.folder)
  const works = /^tollgate_test_keys_work (\d)$/m.exec(metrics.text)?.[1]
  return { ready: status, state: json.test_keys.state, error: json.test_keys.last_error?.words, works }
}
const refused = (answer: Answer) => {
  expect(seen(answer)).toEqual(failure({ type: 'unavailable', status: 503 }))
  const { headers } = answer
  expect([headers.get('retry-after'), headers.get('x-tollgate-sandbox')]).toEqual(['60', 'true'])
}
const damagedWords = 'Its store was damaged and is made anew; play data is lost.'
/** All but the first page, of which the gateway has no copy in memory any more. */
async function damage() {
  const store = openTestStore(`file:${file()}`)
  await store.write('UPDATE accounts SET name = name')
  await store.close()
  withFile(file(), (client) => client.pragma('wal_checkpoint(TRUNCATE)'))
  writeFileSync(file(), readFileSync(file()).fill('no store ', 4_096), { flag: 'r+' })
}
const comesBack = async () =>
  await until(
    async () => await play.create(picture),
    ({ status, json }) => status === 200 && json.code === 200,
  )
const realWorks = async () => expect((await real.create(picture)).json.code).toBe(200)

describe('what /readyz and /metrics say of it', () => {
  test('not needed yet, and running', async () => {
    expect(await shown()).toEqual({ ready: 200, state: 'idle', error: undefined, works: '1' })
    await play.get('/credits')
    expect(await shown()).toEqual({ ready: 200, state: 'running', error: undefined, works: '1' })
  })

  test('that it cannot start, and that it runs when it can', async () => {
    writeFileSync(folder(), 'a file where its folder should be')
    refused(await play.create(picture))
    const words = 'Its store cannot be read or written. The log says why.'
    expect(await shown()).toEqual({ ready: 200, state: 'failed', error: words, works: '0' })
    await realWorks()
    rmSync(folder())
    await until(shown, ({ state }) => state === 'running')
    expect((await play.create(picture)).json.code).toBe(200)
    expect(await shown()).toEqual({ ready: 200, state: 'running', error: words, works: '1' })
  })
})

describe('a play store', () => {
  test('that is damaged at the start is made anew', async () => {
    mkdirSync(folder(), { recursive: true })
    writeFileSync(file(), 'this is no store, and longer than a header '.repeat(50))
    expect((await play.create(picture)).json.code).toBe(200)
    await gateway.restart()
    expect((await play.get('/tasks')).json.data.tasks).toHaveLength(1)
    await realWorks()
  })

  test('that is damaged while it is used is made anew', async () => {
    const { task_id: lost } = (await play.create(picture)).json.data
    await play.ended(lost)
    await damage()
    await realWorks()
    const { data } = (await comesBack()).json
    expect(await play.ended(data.task_id)).toMatchObject({ task_status: 3 })
    expect(seen(await play.get(`/tasks/${lost}`))).toEqual(failure({ type: 'not_found', field: 'task_id' }))
    expect(await shown()).toMatchObject({ ready: 200, state: 'running', error: damagedWords, works: '1' })
    expect((await real.get('/tasks')).json.data.tasks).toHaveLength(1)
  })

  test('that was removed under the gateway is made anew', async () => {
    await play.create(picture)
    rmSync(folder(), { recursive: true })
    await comesBack()
    await realWorks()
    expect((await play.get('/tasks')).json.data.tasks.length).toBeGreaterThan(0)
  })

  test('that confirms no commit is opened again, and what it held is there', async () => {
    const { task_id: kept } = (await play.create(picture)).json.data
    await play.ended(kept)
    rmSync(`${file()}-shm`)
    await comesBack()
    expect((await play.get(`/tasks/${kept}`)).json.data.task_status).toBe(3)
    expect(await shown()).toMatchObject({
      state: 'running',
      error: 'Its store cannot be read or written. The log says why.',
    })
    await realWorks()
  })
})
