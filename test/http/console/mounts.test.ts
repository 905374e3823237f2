// Both APIs stand below /console a second time, opened by sessions alone.
import { afterAll, expect, test } from 'vitest'
import { adminToken, startGateway } from '../../support/gateway.ts'
import { failure, seen } from '../expectations.ts'
import { servedRoutes } from '../served.ts'
import { newBrowser, signedIn } from './browser.ts'

const gateway = await startGateway()
const { key } = await gateway.customer()
const { cookie } = await signedIn(gateway, { secret: key })
afterAll(async () => await gateway.stop())

const split = (route: string) => route.split(' ') as [method: string, path: string]
const served = servedRoutes(gateway)
const routes = served.filter((route) => / \/(?:api\/v1\/(?!jobs\/|chat\/)|admin\/v1\/)/.test(route))
/** Nobody has to be signed in for it. */
const forAnybody = ['GET /api/v1/brand']
const mounted = routes
  .filter((route) => !forAnybody.includes(route))
  .map((route) => route.replace(' ', ' /console'))
const ofSessions = [
  'GET /console/session',
  'GET /console/session/key',
  'POST /console/session',
  'DELETE /console/session',
  'DELETE /console/sessions',
  'PUT /console/password',
]

test('the console has every route of the two APIs, and those of its sessions', () => {
  expect(mounted.length).toBeGreaterThan(40)
  const found = served.filter((route) => / \/console\/(?!assets\/)./.test(route))
  expect(found.toSorted()).toEqual([...mounted, ...ofSessions].toSorted())
})

test('where nobody is an operator, that part is off and says why', async () => {
  const none = await startGateway({ env: { ADMIN_TOKEN: '' } })
  const browser = newBrowser(none)
  const answers = [
    await browser.call('GET', '/console/admin/v1/stats'),
    await browser.signIn({ secret: 'some-token-of-an-operator' }),
  ]
  await none.stop()
  for (const answer of answers) {
    expect(seen(answer)).toEqual(failure({ type: 'unavailable', status: 503 }))
    expect(answer.json.msg).toContain('ADMIN_TOKEN')
  }
})

test('none of it stands in a document', async () => {
  for (const path of ['/openapi.json', '/admin/openapi.json'])
    expect((await gateway.call('GET', path)).text).not.toContain('"/console')
})

test.each(mounted)('%s is opened by no key, no token and no page of others', async (route) => {
  const [method, path] = split(route)
  const filled = path.replaceAll(/\{\w+\}/g, 'some-id')
  const page = { origin: gateway.url }
  for (const bearer of [undefined, key, adminToken]) {
    const headers = { ...page, ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }) }
    expect(seen(await gateway.call(method, filled, { headers }))).toEqual(
      failure({ type: 'unauthorized', status: 401 }),
    )
  }
  const answer = await gateway.call(method, filled, { headers: { cookie } })
  expect(seen(answer)).toEqual(failure({ type: 'invalid_request', status: 403 }))
})
