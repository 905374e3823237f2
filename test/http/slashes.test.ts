// A slash too many in a path changes nothing for customers, and opens nothing that a proxy has closed.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminToken, startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { exchange } from './expectations.ts'

let gateway: Gateway
let customer: Customer
let id: string
beforeAll(async () => {
  gateway = await startGateway()
  customer = await gateway.customer(100)
  id = (await customer.create({ model_id: 'gpt-image-2', prompt: 'a heron' })).json.data.task_id
  await customer.ended(id)
})
afterAll(async () => await gateway.stop())

const operatorAsks = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${adminToken}\r\nConnection: close\r\n\r\n`

describe('slashes too many', () => {
  test.each([
    '//api/v1/credits',
    '/api//v1///credits',
    '/api/v1/credits/',
    '//api/v1//credits//?_t=//1/',
    '/api/v1/tasks/ID/',
    '/api/v1//tasks/ID/?wait=0',
  ])('GET %s is what it would be without them', async (path) => {
    const asked = path.replace('ID', id)
    const answer = await gateway.call('GET', asked, { key: customer.key })
    const [plain = '', query] = asked.replace(/^\/+/, '/').split('?')
    const meant = `${plain.replaceAll(/\/+/g, '/').replace(/\/$/, '')}${query === undefined ? '' : `?${query}`}`
    expect(answer.json).toEqual((await gateway.call('GET', meant, { key: customer.key })).json)
    expect(answer.json.code).toBe(200)
  })

  test('open no door that is closed without them, and make no path of none', async () => {
    expect((await gateway.call('GET', '/admin/v1//stats/', { key: customer.key })).status).toBe(401)
    expect((await gateway.call('GET', '/admin/v1//stats/', { key: adminToken })).status).toBe(200)
    // A proxy that closes /admin/, or /metrics and nothing else, has closed them.
    for (const path of [
      '//admin/v1/stats',
      '/.//admin/v1/stats',
      '//metrics',
      '/metrics/',
      '/healthz/',
      '//readyz/',
    ])
      expect((await exchange(gateway.url, operatorAsks(path))).slice(9, 12), path).toBe('404')
    expect((await gateway.call('GET', '/API/v1/credits')).status).toBe(404)
    expect((await exchange(gateway.url, operatorAsks('//'))).slice(9, 12)).toBe('404')
  })
})
