// Who shows a key that is none is named in the log, by the address of the client and not of the proxy, for filters to act on.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { adminToken, quickYaml, startGateway } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { root } from '../tidy/tree.ts'
import { withLimits } from './expectations.ts'

let behindProxy: Gateway
let direct: Gateway
const lines: string[] = []
const onLog = (line: string) => void lines.push(line.trimEnd())
beforeAll(async () => {
  behindProxy = await startGateway({
    yaml: `${quickYaml}\nnetwork: { trusted_proxies: [127.0.0.0/8, 198.51.100.0/24] }\n`,
    onLog,
  })
  const limits = 'requests_per_minute: off, unauthenticated_per_minute: 2, tasks_in_flight: off'
  direct = await startGateway({ yaml: withLimits(limits), onLog })
})
afterAll(async () => {
  await behindProxy.stop()
  await direct.stop()
})
beforeEach(() => void lines.splice(0))

/** As docs/operating.md gives it; fail2ban takes an address for <HOST>. */
const manual = readFileSync(join(root, 'docs/operating.md'), 'utf8')
const [, written = 'none'] = /^failregex = (.*)$/m.exec(manual) ?? []
const filter = new RegExp(written.replace('<HOST>', '(?<host>[0-9a-f.:]+)'))
const banned = () => lines.flatMap((line) => filter.exec(line)?.groups?.['host'] ?? [])
const refusals = () =>
  lines
    .filter((line) => line.includes('"key refused"'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)

const wrongKey = `sk-${'a'.repeat(32)}`
const from = async (forwarded: string, key = wrongKey, path = '/api/v1/credits') => {
  const headers = { authorization: `Bearer ${key}`, 'x-forwarded-for': forwarded }
  expect((await behindProxy.call('GET', path, { headers })).status).toBe(401)
}

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.7:4711', '203.0.113.7'],
  ['10.1.2.3, 203.0.113.7:1', '203.0.113.7'],
  // A proxy before the proxy, with its port, is trusted as it is without.
  ['203.0.113.7:4711, 198.51.100.4:443', '203.0.113.7'],
  ['203.0.113.7,198.51.100.4', '203.0.113.7'],
  ['[2001:db8::7]:4711', '2001:db8::7'],
  ['[2001:db8::7]', '2001:db8::7'],
  ['"[2001:db8::7]:4711"', '2001:db8::7'],
  ['2001:DB8:0::7, 198.51.100.4:80', '2001:db8::7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
])('behind trusted proxies, X-Forwarded-For: %s is %s', async (forwarded, address) => {
  await from(forwarded)
  expect(banned()).toEqual([address])
})

test.each([
  'unknown',
  '',
  '_hidden',
  '203.0.113.7:port',
  '1.2.3.4","msg":"x',
  '999.1.1.1:80',
  '203.0.113.7 x',
])('what is no address is not written as one: %j', async (forwarded) => {
  await from(forwarded)
  expect(refusals().map(({ ip }) => ip)).toEqual([forwarded === '' ? '127.0.0.1' : 'unknown'])
})

test('both doors tell, each by its name, and keys that were good once', async () => {
  const { key, accountId } = await behindProxy.customer()
  const [{ id }] = (await behindProxy.operator('GET', `/accounts/${accountId}/keys`)).json.data.keys
  await behindProxy.operator('DELETE', `/keys/${id}`)
  lines.splice(0)
  await from('203.0.113.1', key)
  await from('203.0.113.2', adminToken)
  await from('203.0.113.3', 'nonsense', '/admin/v1/stats')
  await from('203.0.113.4', key, '/admin/v1/nothing-here'.replace('/nothing-here', '/stats'))
  expect(refusals().map(({ ip, api }) => [ip, api])).toEqual([
    ['203.0.113.1', 'client'],
    ['203.0.113.2', 'client'],
    ['203.0.113.3', 'operator'],
    ['203.0.113.4', 'operator'],
  ])
  expect(banned()).toHaveLength(4)
  // The keys themselves stand nowhere.
  for (const secret of [key, adminToken, 'nonsense']) expect(lines.join('\n')).not.toContain(secret)
})

test('who shows no key at all is named, and is not for the filter', async () => {
  await behindProxy.call('GET', '/api/v1/credits', { headers: { 'x-forwarded-for': '203.0.113.7' } })
  expect(refusals()).toMatchObject([{ level: 'warn', ip: '203.0.113.7', api: 'client', shown: 'none' }])
  expect(banned()).toEqual([])
})

test('without trusted proxies nothing that a client writes is believed, and the lines of an address are bounded', async () => {
  const headers = { authorization: `Bearer ${wrongKey}`, 'x-forwarded-for': '203.0.113.7' }
  for (const status of [401, 401, 429, 429])
    expect((await direct.call('GET', '/api/v1/credits', { headers })).status).toBe(status)
  expect(banned()).toEqual(['127.0.0.1', '127.0.0.1'])
})
