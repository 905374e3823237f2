// What the operator's document allows is taken, and what it forbids is refused, where the two once differed.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { failure, seen } from './expectations.ts'

let gateway: Gateway
let id: string
beforeAll(async () => {
  gateway = await startGateway()
  id = (await gateway.operator('POST', '/accounts', { name: 'a' })).json.data.id
})
afterAll(async () => await gateway.stop())

test.each([
  ['/tasks?status=', 'status'],
  ['/tasks?limit=', 'limit'],
  ['/tasks?account=', 'account'],
  ['/tasks?status=&account=acc_1', 'status'],
  ['/accounts?limit=', 'limit'],
  ['/accounts/ID/ledger?limit=', 'limit'],
])('an empty filter, as of a variable that is not set, does not show everything: %s', async (path, field) => {
  const answer = await gateway.operator('GET', path.replace('ID', id))
  expect(seen(answer)).toEqual(failure({ type: 'invalid_request', status: 422, field }))
})

test.each(['/accounts?cursor=', '/accounts?cursor=&query=', '/accounts/ID/ledger?cursor=', '/tasks?cursor='])(
  'empty where all is meant is taken: %s',
  async (path) => {
    expect((await gateway.operator('GET', path.replace('ID', id))).status).toBe(200)
  },
)

test.each([undefined, null, 'null'])('a change without a body is refused: %s', async (body) => {
  const answer = await gateway.operator('PATCH', `/accounts/${id}`, body)
  expect(seen(answer)).toEqual(failure({ type: 'invalid_request', status: 400 }))
  expect(answer.json.msg).toContain('The request has no body')
  // What else is missing is named, as in a body that is empty.
  const create = await gateway.operator('POST', '/accounts', body)
  expect(seen(create)).toEqual(failure({ type: 'invalid_request', status: 400, field: 'name' }))
})

test('a time that has passed conflicts with the clock, not with the form', async () => {
  const key = (expires_at: number) =>
    gateway.operator('POST', `/accounts/${id}/keys`, { name: 'k', expires_at })
  const now = Math.floor(Date.now() / 1000)
  const { properties } = (await gateway.call('GET', '/admin/openapi.json')).json.paths[
    '/admin/v1/accounts/{id}/keys'
  ].post.requestBody.content['application/json'].schema
  const [{ minimum, maximum }] = properties.expires_at.anyOf
  for (const past of [now - 1, now - 3_600, minimum])
    expect(seen(await key(past))).toEqual(
      failure({ type: 'invalid_request', status: 409, field: 'expires_at' }),
    )
  for (const wrong of [minimum - 1, 0, -1, maximum + 1])
    expect(seen(await key(wrong))).toEqual(
      failure({ type: 'invalid_request', status: 422, field: 'expires_at' }),
    )
  expect((await key(now + 3_600)).status).toBe(201)
})
