// A gateway whose store for results breaks and comes back: `/readyz` says so, customers wait for nothing, and get our URLs later.
import { mkdirSync, readdirSync, renameSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { quickYaml, startGateway, until } from '../support/gateway.ts'

const publicUrl = 'https://gate.example'
const order = { model_id: 'gpt-image-2', prompt: 'a heron' }

test('a store that breaks is reported in words, passed over at once, and used again when it works', async () => {
  const log: string[] = []
  const gateway = await startGateway({
    yaml: quickYaml.replace('media: { store: none }', ''),
    env: { PUBLIC_URL: publicUrl },
    onLog: (line) => void log.push(line),
  })
  const media = async () => (await gateway.call('GET', '/readyz')).json.media
  const { resultStore } = gateway.app.ctx
  const works = await until(media, ({ ok }) => ok === true)
  expect(works).toEqual({
    store: 'disk',
    ok: true,
    last_success_at_ms: expect.any(Number),
    last_error: null,
  })
  const customer = await gateway.customer(100)
  const ordered = async () => (await customer.create(order)).json.data.task_id
  const { image_url: keptUrl } = await customer.ended(await ordered())
  expect(keptUrl).toMatch(/^https:\/\/gate\.example\/media\//)
  const fetched = async () => (await gateway.call('GET', new URL(keptUrl).pathname)).status

  const folder = join(gateway.folder, 'data', 'media')
  renameSync(folder, `${folder}-away`)
  mkdirSync(folder)
  // Found out by being asked, and without a result that would be kept.
  const away = await until(media, ({ ok }) => ok === false)
  expect(away.last_error.words).toMatch(/moved away or replaced/)
  expect(await fetched(), 'it is not gone, and no cache may remember that it were').toBe(503)
  const first = await ordered()
  const passedOn = await customer.ended(first)
  expect(passedOn).toMatchObject({ task_status: 3, credits_refunded: 0 })
  expect(passedOn.image_url).not.toContain(publicUrl)
  // This one waits for nothing at all.
  const second = await ordered()
  expect((await customer.ended(second)).image_url).not.toContain(publicUrl)
  const ready = await gateway.call('GET', '/readyz')
  expect(ready.status, 'results that are passed on are no reason to take no orders').toBe(200)
  expect(ready.json.media).toMatchObject({
    store: 'disk',
    ok: false,
    last_success_at_ms: expect.any(Number),
    last_error: {
      at_ms: expect.any(Number),
      words: expect.stringMatching(/put the same one back, or restart the gateway/),
    },
  })
  expect(ready.text).not.toContain(gateway.folder)
  expect((await gateway.call('GET', '/metrics')).text).toContain('tollgate_media_store_works 0')
  expect(log.filter((line) => line.includes('does not work: results are passed on'))).toHaveLength(1)

  expect(readdirSync(folder), 'nothing is made in a folder that is another').toEqual([])
  rmdirSync(folder)
  renameSync(`${folder}-away`, folder)
  await until(
    async () => {
      await resultStore.check()
      return resultStore.state()
    },
    (state) => state === 'works',
  )
  for (const id of [first, second]) {
    const kept = await until(
      () => customer.task(id),
      ({ image_url }) => image_url.startsWith(`${publicUrl}/media/`),
    )
    expect(kept).toMatchObject({ task_status: 3, credits: passedOn.credits, credits_refunded: 0 })
  }
  expect(await fetched()).toBe(200)
  expect(await media()).toMatchObject({ ok: true })
  expect(await customer.balance()).toBe(100 - 3 * passedOn.credits)
  expect((await gateway.operator('GET', '/ledger/verify')).json.data).toMatchObject({ ok: true, drift: [] })
  await gateway.stop()
})

test('where results are not kept nothing is probed', async () => {
  const gateway = await startGateway({ env: { PUBLIC_URL: publicUrl } })
  expect((await gateway.call('GET', '/readyz')).json.media).toEqual({
    store: 'none',
    ok: null,
    last_success_at_ms: null,
    last_error: null,
  })
  await gateway.stop()
})
