// When the gateway behind test keys starts, what it survives, and who is let in.
import { existsSync, openAsBlob, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished, describe, expect, test } from 'vitest'
import { newSecret } from '../../../src/accounts/secret.ts'
import { systemClock } from '../../../src/clock.ts'
import { quickYaml, startGateway, until } from '../../support/gateway.ts'
import type { Gateway, GatewayOptions } from '../../support/gateway.ts'
import { failure, seen, withLimits } from '../expectations.ts'
import { testCustomer } from './test-customer.ts'

const picture = { model_id: 'gpt-image-2', prompt: 'a heron' }

const start = async (options: GatewayOptions = {}): Promise<Gateway> => {
  const gateway = await startGateway(options)
  onTestFinished(async () => await gateway.stop())
  return gateway
}
const withCredits = (credits: number) => `${quickYaml}\ntest_keys: { credits: ${credits} }\n`
const folderOf = ({ app }: Gateway) => join(app.ctx.config.dataDir, 'test')
const unauthorized = failure({ type: 'unauthorized', status: 401 })

/** An account of its own with a test key. */
const player = async (gateway: Gateway, credits = 0) => {
  const real = await gateway.customer(credits)
  return { real, play: await testCustomer(gateway, real.accountId) }
}

describe('nothing of it is there before it is needed', () => {
  test('neither at the start, nor for a key that nobody has, nor because a key was made', async () => {
    const gateway = await start()
    const answer = await gateway.call('GET', '/api/v1/credits', { key: newSecret('test') })
    expect(seen(answer)).toEqual(unauthorized)
    expect(answer.headers.get('x-tollgate-sandbox')).toBe('true')
    const { play } = await player(gateway)
    expect(existsSync(folderOf(gateway))).toBe(false)
    expect((await play.get('/credits')).status).toBe(200)
    expect(existsSync(folderOf(gateway))).toBe(true)
  })

  test('many first requests at once start one', async () => {
    const gateway = await start()
    const { play } = await player(gateway)
    const answers = await Promise.all(Array.from({ length: 20 }, () => play.create(picture)))
    expect(answers.map(({ json }) => json.code)).toEqual(answers.map(() => 200))
    expect((await play.get('/credits')).json.data.balance).toBe(1_000 - 20 * 15)
  })
})

describe('who is let in', () => {
  test('not a key that was revoked, at once and after a restart', async () => {
    const gateway = await start()
    const { play, real } = await player(gateway)
    const other = await testCustomer(gateway, real.accountId)
    expect((await play.get('/credits')).status).toBe(200)
    expect((await gateway.operator('DELETE', `/keys/${play.keyId}`)).json.data).toMatchObject({ test: true })
    expect(seen(await play.get('/credits'))).toEqual(unauthorized)
    expect(seen(await play.create(picture))).toEqual(unauthorized)
    await gateway.restart()
    expect(seen(await play.get('/credits'))).toEqual(unauthorized)
    expect((await other.get('/credits')).status).toBe(200)
  })

  test('not a key whose time is over', async () => {
    let aheadMs = 0
    const now = () => Date.now() + aheadMs
    const monotonic = () => systemClock.monotonic() + aheadMs
    const gateway = await start({ clock: { ...systemClock, now, monotonic } })
    const { real } = await player(gateway)
    const expiresAt = Math.floor(Date.now() / 1_000) + 60
    const { key } = (
      await gateway.operator('POST', `/accounts/${real.accountId}/keys`, {
        name: 'short',
        test: true,
        expires_at: expiresAt,
      })
    ).json.data
    const ask = async () => await gateway.call('GET', '/api/v1/credits', { key })
    expect((await ask()).status).toBe(200)
    aheadMs = 61_000
    expect(seen(await ask())).toEqual(unauthorized)
  })

  test('a suspended account orders with neither kind of key, and may look with both', async () => {
    const gateway = await start()
    const { real, play } = await player(gateway, 100)
    expect((await play.create(picture)).json.code).toBe(200)
    const suspend = async (status: string) =>
      await gateway.operator('PATCH', `/accounts/${real.accountId}`, { status })
    await suspend('suspended')
    for (const customer of [real, play]) {
      expect(seen(await customer.create(picture))).toEqual(failure({ type: 'account_suspended' }))
      expect((await customer.get('/tasks')).status).toBe(200)
    }
    await suspend('active')
    expect((await play.create(picture)).json.code).toBe(200)
  })

  test("an account's limits hold for its test keys too, and what they ask does not count for its real ones", async () => {
    const gateway = await start({ yaml: withLimits('requests_per_minute: 5, tasks_in_flight: off') })
    const { real, play } = await player(gateway, 100)
    const statuses = []
    for (let count = 0; count < 7; count += 1) statuses.push((await play.get('/credits')).status)
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429])
    expect((await real.get('/credits')).status).toBe(200)
    await gateway.operator('PATCH', `/accounts/${real.accountId}`, {
      limits: { tasks_in_flight: 1, requests_per_minute: 'off' },
    })
    const two = await play.create({ ...picture, generate_count: 2 })
    expect(seen(two)).toEqual(failure({ type: 'too_many_tasks' }))
  })

  test('strangers have one limit, whichever kind of key they try, before it runs and after', async () => {
    const gateway = await start({ yaml: withLimits('unauthenticated_per_minute: 4') })
    const { play } = await player(gateway)
    const tryKey = async (kind: 'real' | 'test') =>
      (await gateway.call('GET', '/api/v1/credits', { key: newSecret(kind) })).status
    expect([await tryKey('test'), await tryKey('real')]).toEqual([401, 401])
    expect((await play.get('/credits')).status).toBe(200)
    expect([await tryKey('test'), await tryKey('real')]).toEqual([401, 401])
    expect([await tryKey('test'), await tryKey('real')]).toEqual([429, 429])
    expect((await play.get('/credits')).status).toBe(200)
  })
})

describe('play credits', () => {
  test('run out; a new test key of the account raises them again, and so does the next day, once', async () => {
    let aheadMs = 0
    const now = () => Date.now() + aheadMs
    const monotonic = () => systemClock.monotonic() + aheadMs
    const gateway = await start({ yaml: withCredits(40), clock: { ...systemClock, now, monotonic } })
    const { real, play } = await player(gateway)
    const order = async (with_ = play) => {
      const { json } = await with_.create(picture)
      // The clock is turned later: one that is still being made would run out of time.
      if (json.code === 200) await with_.ended(json.data.task_id)
      return json
    }
    const balance = async (of = play) => (await of.get('/credits')).json.data.balance
    expect([(await order()).code, (await order()).code, await balance()]).toEqual([200, 200, 10])
    expect((await order()).error.type).toBe('insufficient_credits')
    const openai = await gateway.call('POST', '/v1/images/generations', {
      key: play.key,
      body: { model: 'gpt-image-2', prompt: 'a heron' },
    })
    expect([openai.status, openai.headers.get('x-tollgate-sandbox')]).toEqual([402, 'true'])

    aheadMs += 1_000
    const second = await testCustomer(gateway, real.accountId)
    expect([await balance(second), (await order(second)).code, await balance()]).toEqual([40, 200, 25])

    aheadMs += 24 * 60 * 60_000
    expect([await balance(), (await order()).code, await balance(second)]).toEqual([40, 200, 25])
    await gateway.restart()
    expect(await balance()).toBe(25)
    const { entries } = (await play.get('/ledger')).json.data
    expect(entries.filter(({ kind }: { kind: string }) => kind === 'grant')).toHaveLength(3)
    expect(await real.balance()).toBe(0)
  })

  test('are not topped up while they are whole', async () => {
    const gateway = await start({ yaml: withCredits(40) })
    const { real, play } = await player(gateway)
    await play.get('/credits')
    const second = await testCustomer(gateway, real.accountId)
    await second.get('/credits')
    expect((await second.get('/ledger')).json.data.entries).toHaveLength(1)
  })
})

describe('switched off', () => {
  test('a test key is refused in words that say so, none can be made, and real keys are as ever', async () => {
    const gateway = await start()
    const { real, play } = await player(gateway, 100)
    expect((await play.get('/credits')).status).toBe(200)
    const off = await start({ yaml: `${quickYaml}\ntest_keys: false\n` })
    const customer = await off.customer(100)
    const answer = await off.call('POST', '/api/v1/tasks/create', { key: play.key, body: picture })
    expect(seen(answer)).toEqual(unauthorized)
    expect(answer.json.msg).toContain('switched them off')
    expect(answer.headers.get('x-tollgate-sandbox')).toBeNull()
    const made = await off.operator('POST', `/accounts/${customer.accountId}/keys`, { name: 'a', test: true })
    expect([made.status, made.json.error]).toMatchObject([409, { type: 'invalid_request', field: 'test' }])
    expect((await off.operator('GET', `/accounts/${customer.accountId}/keys`)).json.data.keys).toHaveLength(1)
    expect((await customer.create(picture)).json.code).toBe(200)
    expect(existsSync(folderOf(off))).toBe(false)
    expect((await real.create(picture)).json.code).toBe(200)
  })
})

describe('stop and start', () => {
  test('tasks, results and credits of an earlier run are there; what the sandbox forgot is given back', async () => {
    const gateway = await start({ testSandbox: { imageMs: 50 } })
    const { play } = await player(gateway)
    const { task_id: done } = (await play.create(picture)).json.data
    await play.ended(done)
    const { task_id: open } = (await play.create({ ...picture, prompt: 'a slow heron' })).json.data
    await until(
      async () => (await play.get(`/tasks/${open}`)).json.data.task_status,
      (status) => status === 2,
    )
    await gateway.restart()
    // Without a request: what waits is taken up by itself.
    const { image_url: url } = (await play.get(`/tasks/${done}`)).json.data
    expect((await fetch(`${gateway.url}${new URL(url).pathname}`)).status).toBe(200)
    expect(await play.ended(open)).toMatchObject({ task_status: 4, credits_refunded: 15 })
    expect((await play.get('/credits')).json.data.balance).toBe(1_000 - 15)
  })

  test('links of results open after a restart, before any test key is shown', async () => {
    const gateway = await start()
    const { play } = await player(gateway)
    const { task_id: id } = (await play.create(picture)).json.data
    const { pathname } = new URL((await play.kept(id)).image_url)
    await gateway.restart()
    expect((await fetch(`${gateway.url}${pathname}`)).status).toBe(200)
  })

  test('a client that waits is answered when the gateway stops', async () => {
    const gateway = await startGateway()
    const { play } = await player(gateway)
    const { task_id: id } = (await play.create({ ...picture, prompt: 'a slow heron' })).json.data
    const waiting = play.get(`/tasks/${id}?wait=50`)
    await until(
      async () => (await play.get('/credits')).status,
      (status) => status === 200,
    )
    await gateway.stop()
    expect((await waiting).json.data).toMatchObject({ task_id: id })
  })
})

test('links are below PUBLIC_URL, its path too; uploads are kept there, and pictures of orders may be', async () => {
  const PUBLIC_URL = 'https://gw.example.com/gw'
  const gateway = await start({ env: { PUBLIC_URL }, yaml: quickYaml.replace('store: none', 'store: disk') })
  const { play } = await player(gateway)
  const form = new FormData()
  form.set('file', await openAsBlob('docs/images/sandbox-result.png', { type: 'image/png' }), 'a.png')
  const headers = { authorization: `Bearer ${play.key}` }
  const uploaded = await fetch(`${gateway.url}/api/v1/files`, { method: 'POST', headers, body: form })
  const { data } = (await uploaded.json()) as { data: { url: string } }
  const made = await play.create({ ...picture, image_urls: [data.url] })
  const { image_url: result } = await play.kept(made.json.data.task_id)
  for (const url of [data.url, result]) {
    expect(url).toMatch(/^https:\/\/gw\.example\.com\/gw\/test\/media\/[\w-]{32}\.png$/)
    expect((await fetch(`${gateway.url}${new URL(url).pathname.slice('/gw'.length)}`)).status).toBe(200)
  }
  expect(existsSync(join(gateway.app.ctx.config.dataDir, 'media'))).toBe(true)
  expect(
    readdirSync(join(gateway.app.ctx.config.dataDir, 'media'), {
      recursive: true,
      withFileTypes: true,
    }).filter((entry) => entry.isFile() && entry.name.endsWith('.png')),
  ).toEqual([])
})

test('the catalogue is that of the gateway, also after a reload', async () => {
  const modelsYaml = (credits: number) => `${quickYaml}
models:
  heron: { name: Heron, price: { credits: ${credits} }, defaults: { aspect_ratio: "1:1", resolution: 2K }, routes: [{ upstream: keevx, operation: image_generate, params: { module: std } }] }
`
  const gateway = await start({ yaml: modelsYaml(3) })
  const { real, play } = await player(gateway)
  const models = async ({ get }: Pick<typeof play, 'get'>) => (await get('/models')).json.data
  expect(await models(play)).toEqual(await models(real))
  writeFileSync(join(gateway.folder, 'tollgate.yaml'), modelsYaml(7))
  expect((await gateway.operator('POST', '/models/reload')).status).toBe(200)
  expect(await models(play)).toEqual(await models(real))
  const { data } = (await play.create({ model_id: 'heron', prompt: 'a heron' })).json
  expect(data.credits).toBe(7)
})
