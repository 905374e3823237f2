// A request line may be written in many forms: in each, a test key is taken where a real key would be.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { quickYaml, startGateway } from '../../support/gateway.ts'
import type { Customer, Gateway } from '../../support/gateway.ts'
import { exchange, readAnswer } from '../expectations.ts'
import { testCustomer } from './test-customer.ts'
import type { TestCustomer } from './test-customer.ts'

let gateway: Gateway
let real: Customer
let play: TestCustomer
/** Play credits that are left. */
let playBalance = 500
beforeAll(async () => {
  gateway = await startGateway({ yaml: `${quickYaml}\ntest_keys: { credits: 500 }\n` })
  real = await gateway.customer(100)
  play = await testCustomer(gateway, real.accountId)
})
afterAll(async () => await gateway.stop())

const bearer = (key: string) => `Authorization: Bearer ${key}`
async function ask(line: string, header: string) {
  const says = `${line} HTTP/1.1\r\nHost: a\r\n${header}\r\nConnection: close\r\n\r\n`
  const { status, headers, json } = readAnswer(await exchange(gateway.url, says))
  return { status, mark: headers.get('x-tollgate-sandbox'), json }
}
const balanceOf = ({ status, mark, json }: Awaited<ReturnType<typeof ask>>) => [
  status,
  mark,
  json?.data?.balance,
]

describe('a path that a real key opens, a test key opens in its own gateway', () => {
  test.each([
    'http://host/api/v1/credits',
    'HTTPS://user@host:99/api/v1/credits?a=//b/',
    'http://host//api/v1//credits/',
    '/%61pi/v1/credits',
    '/%61pi//v1/credits/',
    '//api/v1/credits',
    '/api//v1///credits/',
    '/api/v1/cr%65dits',
    '/api/v1/credits#x',
  ])('%s', async (target) => {
    expect(balanceOf(await ask(`GET ${target}`, bearer(real.key)))).toEqual([200, null, 100])
    expect(balanceOf(await ask(`GET ${target}`, bearer(play.key)))).toEqual([200, 'true', playBalance])
  })

  test.each(['http://host/v1/models', '/%76%31/models', '//v1/models/', '/v%31//models'])(
    'of another surface: %s',
    async (target) => {
      const [byReal, byPlay] = [
        await ask(`GET ${target}`, bearer(real.key)),
        await ask(`GET ${target}`, bearer(play.key)),
      ]
      expect([byReal.status, byReal.mark, byPlay.status, byPlay.mark]).toEqual([200, null, 200, 'true'])
      expect(byPlay.json).toEqual(byReal.json)
    },
  )

  test.each([
    '/test/api/v1/credits',
    '//test//api/v1/credits',
    '/%74est/%61pi/v1/credits',
    'http://host/test/api/v1/credits',
  ])('below /test: %s', async (target) => {
    expect((await ask(`GET ${target}`, bearer(real.key))).status).toBe(404)
    expect(balanceOf(await ask(`GET ${target}`, bearer(play.key)))).toEqual([200, 'true', playBalance])
  })

  test('an order in any of them is nothing to the upstream and the real store', async () => {
    const body = JSON.stringify({ model_id: 'gpt-image-2', prompt: 'a heron' })
    const header = `${bearer(play.key)}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`
    for (const target of [
      'http://host/api/v1/tasks/create',
      '/%61pi/v1/tasks/create',
      '//api//v1/tasks/cre%61te/',
    ]) {
      const says = `POST ${target} HTTP/1.1\r\nHost: a\r\n${header}`
      const { json } = readAnswer(await exchange(gateway.url, says))
      expect(await play.ended(json.data.task_id)).toMatchObject({ task_status: 3 })
    }
    playBalance -= 3 * 15
    expect([...gateway.sandbox.requests.keys()]).toEqual([])
    expect((await gateway.operator('GET', '/tasks')).json.data.tasks).toEqual([])
    expect(await real.balance()).toBe(100)
  })
})

test.each([
  ['tabs around the value', (key: string) => `Authorization:\tBearer ${key}\t`],
  ['a tab behind the scheme', (key: string) => `Authorization: Bearer \t${key}`],
  ['nothing before the value', (key: string) => `AUTHORIZATION:Bearer ${key}`],
])('%s: each key opens its own gateway', async (_name, write) => {
  expect(balanceOf(await ask('GET /api/v1/credits', write(real.key)))).toEqual([200, null, 100])
  expect(balanceOf(await ask('GET /api/v1/credits', write(play.key)))).toEqual([200, 'true', playBalance])
})

describe('what a real key is refused for, a test key is refused for too, with the mark', () => {
  test.each([
    '/nothing',
    '/test/nothing',
    '/API/v1/credits',
    '/api%2Fv1/credits',
    '/%zz',
    '/api/v1/%zz',
    '/api/v1/%ff',
    'http://host/api/v1/credits#x',
    'http://[::1/api/v1/credits',
    'ftp://host/api/v1/credits',
    '/admin/v1/stats',
    '/%61dmin/v1/stats',
    '/media/unknown',
    '/test/test/api/v1/credits',
  ])('%s', async (target) => {
    const [byReal, byPlay] = [
      await ask(`GET ${target}`, bearer(real.key)),
      await ask(`GET ${target}`, bearer(play.key)),
    ]
    expect(byReal.status).toBeGreaterThanOrEqual(400)
    expect([byPlay.status, byPlay.json.msg]).toEqual([byReal.status, byReal.json.msg])
    expect([byReal.mark, byPlay.mark]).toEqual([null, 'true'])
  })

  test.each([
    ['a tab as the only space', (key: string) => `Authorization: Bearer\t${key}`],
    ['another scheme', (key: string) => `Authorization: Token ${key}`],
    ['no scheme', (key: string) => `Authorization: ${key}`],
    ['quotes', (key: string) => `Authorization: "Bearer ${key}"`],
  ])('%s', async (_name, write) => {
    const [byReal, byPlay] = [
      await ask('GET /api/v1/credits', write(real.key)),
      await ask('GET /api/v1/credits', write(play.key)),
    ]
    expect([byReal.status, byReal.mark, byPlay.status, byPlay.mark]).toEqual([401, null, 401, 'true'])
  })

  test('a method that the path does not have', async () => {
    const { status, mark } = await ask('DELETE http://host/api/v1/credits', bearer(play.key))
    expect([status, mark]).toEqual([405, 'true'])
  })
})
