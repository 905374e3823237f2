// URLs that lead into a private network are refused by the name of their field, at no cost, unless the operator allows the host.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { elsewhere, loopback, noHosts } from '../net/spellings.ts'
import { startGateway, quickYaml } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { failure, seen } from './expectations.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway({
    yaml: `${quickYaml}\nnetwork: { allow_hosts: [files.internal, 10.0.0.5] }\n`,
    env: { PUBLIC_URL: 'http://gate.internal:8787/sub' },
  })
  customer = await gateway.customer(1_000)
})
afterAll(async () => await gateway.stop())

const picture = { model_id: 'gpt-image-2', prompt: 'a zen garden' }
const film = { model_id: 'seedance-2', prompt: 'waves' }
const outside = 'https://example.com/a.png'

const bodies = (url: string) =>
  [
    ['image_urls.1', { ...picture, image_urls: [outside, url] }],
    ['end_image_url', { ...film, image_urls: [outside], end_image_url: url }],
    ['callback_url', { ...picture, callback_url: url }],
  ] as const

test.each([...loopback, ...elsewhere, ...noHosts])('the host %s', async (host) => {
  for (const [field, body] of bodies(`http://${host}:8080/a.png`)) {
    expect(seen(await customer.create(body)), field).toEqual(failure({ type: 'invalid_request', field }))
  }
  expect((await customer.get('/credits')).json.data).toEqual({ balance: 1_000, in_flight: 0 })
  expect(gateway.sandbox.submissions).toEqual([])
})

test('the reason is told in the language of the caller', async () => {
  const body = { ...picture, callback_url: 'http://192.168.1.1/hook?token=canary' }
  const en = await customer.create(body, { 'accept-language': 'en' })
  expect(en.json.msg).toBe(
    'callback_url: 192.168.1.1 is no public address. Use a URL that the whole internet can reach, or ask the operator to add the host to network.allow_hosts.',
  )
  const zh = await customer.create(body, { 'accept-language': 'zh' })
  expect(zh.json.msg).toBe(
    'callback_url:192.168.1.1 不是公网地址。请使用可从公网访问的 URL,或请运营方将该主机加入 network.allow_hosts。',
  )
})

test('a quote refuses what a create would', async () => {
  const { key } = customer
  const answer = await gateway.call('POST', '/api/v1/quote', {
    key,
    body: { ...picture, image_urls: ['http://127.1/'] },
  })
  expect(answer.json.error).toMatchObject({ type: 'invalid_request', field: 'image_urls.0' })
})

test('hosts that the operator allows may be named everywhere', async () => {
  for (const url of ['http://files.internal/a.png', 'https://10.0.0.5:9000/a.png']) {
    for (const [field, body] of bodies(url)) expect((await customer.create(body)).json.code, field).toBe(200)
  }
})

test('images may lie with the upstream and with us, on that port alone; callbacks may not go there', async () => {
  const own = [
    `${new URL(gateway.sandbox.baseUrl).origin}/media/i2is-1.png`,
    'http://gate.internal:8787/media/a',
  ]
  for (const url of own) {
    const [image, end, callback] = bodies(url).map(([, body]) => body)
    expect((await customer.create(image)).json.code).toBe(200)
    expect((await customer.create(end)).json.code).toBe(200)
    expect((await customer.create(callback)).json.error).toMatchObject({ field: 'callback_url' })
  }
  for (const url of [
    'http://127.0.0.1:1/media/a.png',
    'http://gate.internal:8788/',
    'http://gate.internal/',
  ]) {
    const answer = await customer.create({ ...picture, image_urls: [url] })
    expect(answer.json.error, url).toMatchObject({ field: 'image_urls.0' })
  }
})
