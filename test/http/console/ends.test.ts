// What ends a session of the console.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminToken, quickYaml, startGateway } from '../../support/gateway.ts'
import type { Gateway } from '../../support/gateway.ts'
import { watchAt } from '../event-stream.ts'
import { failure, seen } from '../expectations.ts'
import { signedIn } from './browser.ts'
import type { Browser } from './browser.ts'

const viewerToken = `op-cleo-${'c'.repeat(40)}`
const tokenHash = createHash('sha256').update(viewerToken).digest('hex')
const yaml = `${quickYaml}
operators:
  cleo: { token_hash: "${tokenHash}", role: viewer }
`
let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ yaml })
})
afterAll(async () => await gateway.stop())

const opens = async (browser: Browser) => (await browser.call('GET', '/console/api/v1/credits')).status

async function newKey(): Promise<{ id: string; key: string }> {
  const { accountId } = await gateway.customer()
  return (await gateway.operator('POST', `/accounts/${accountId}/keys`, { name: 'laptop' })).json.data
}

describe('a session ends', () => {
  const ends = {
    'when it is signed out': async (browser: Browser) => {
      const answer = await browser.call('DELETE', '/console/session')
      expect([answer.status, answer.headers.getSetCookie()[0]]).toEqual([
        204,
        expect.stringContaining('Max-Age=0'),
      ])
    },
    'when all are': async (browser: Browser) => void (await browser.call('DELETE', '/console/sessions')),
    'when its key is revoked': async (_browser: Browser, { id }: { id: string }) =>
      void (await gateway.operator('DELETE', `/keys/${id}`)),
    'when its key expires': async (_browser: Browser, { id }: { id: string }) =>
      await gateway.store.write(`UPDATE keys SET expires_at = 1 WHERE id = '${id}'`),
    'when nobody uses it': async () => await gateway.store.write('UPDATE sessions SET ends_at = 1'),
    'when it is old': async () => await gateway.store.write('UPDATE sessions SET expires_at = 1'),
    'when the browser signs in anew': async (browser: Browser, { key }: { key: string }) => {
      const before = browser.cookie
      await browser.signIn({ secret: key })
      expect(browser.cookie).not.toBe(before)
      browser.cookie = before
    },
  }
  test.each(Object.entries(ends))('%s', async (_name, end) => {
    const key = await newKey()
    const browser = await signedIn(gateway, { secret: key.key })
    expect(await opens(browser)).toBe(200)
    const page = { origin: gateway.url, cookie: browser.cookie }
    const stream = await watchAt(`${gateway.url}/console/api/v1/events`, page)
    await end(browser, key)
    await expect(stream.ended).resolves.toBeUndefined()
    expect(await opens(browser)).toBe(401)
    expect(await browser.session()).toEqual({ signed_in: false })
  })

  test('when its account is suspended, and does not come back', async () => {
    const { accountId, key } = await gateway.customer()
    const browser = await signedIn(gateway, { secret: key })
    await gateway.operator('PATCH', `/accounts/${accountId}`, { status: 'suspended' })
    expect(await opens(browser)).toBe(401)
    expect(seen(await browser.signIn({ secret: key }))).toEqual(
      failure({ type: 'account_suspended', status: 403 }),
    )
    await gateway.operator('PATCH', `/accounts/${accountId}`, { status: 'active' })
    expect(await opens(browser)).toBe(401)
    expect((await browser.signIn({ secret: key })).status).toBe(200)
  })

  test('and others go on, but with all those of the account', async () => {
    const { key } = await gateway.customer()
    const stranger = await signedIn(gateway, { secret: (await gateway.customer()).key })
    const [one, two] = [await signedIn(gateway, { secret: key }), await signedIn(gateway, { secret: key })]
    await one.call('DELETE', '/console/session')
    expect([await opens(one), await opens(two)]).toEqual([401, 200])
    const three = await signedIn(gateway, { secret: key })
    await two.call('DELETE', '/console/sessions')
    expect([await opens(two), await opens(three), await opens(stranger)]).toEqual([401, 401, 200])
  })

  test('of an operator who has another token now, or is none any more', async () => {
    const [owner, viewer] = [
      await signedIn(gateway, { secret: adminToken }),
      await signedIn(gateway, { secret: viewerToken }),
    ]
    const reads = async (browser: Browser) => (await browser.call('GET', '/console/admin/v1/stats')).status
    expect([await reads(owner), await reads(viewer)]).toEqual([200, 200])
    const { config } = gateway.app.ctx
    const change = (changed: object) => Object.assign(gateway.app.ctx, { config: { ...config, ...changed } })
    change({ adminToken: `${adminToken}-new`, operators: {} })
    expect([await reads(owner), await reads(viewer)]).toEqual([401, 401])
    change({ operators: { cleo: { tokenHash: '0'.repeat(64), role: 'owner', refundsUpTo: null } } })
    expect([await reads(owner), await reads(viewer)]).toEqual([200, 401])
    change({})
    expect(await reads(viewer)).toBe(200)
  })

  test('and its row goes, while one that is used lasts longer', async () => {
    const browser = await signedIn(gateway, { secret: (await gateway.customer()).key })
    const soon = Date.now() + 60_000
    await gateway.store.write(`UPDATE sessions SET ends_at = ${soon}`)
    expect(await opens(browser)).toBe(200)
    const [, token = ''] = browser.cookie.split('=')
    const hash = createHash('sha256').update(token).digest('hex')
    await expect
      .poll(async () => (await gateway.store.rows(`SELECT ends_at FROM sessions WHERE hash = '${hash}'`))[0])
      .toMatchObject({ ends_at: expect.toSatisfy((at: unknown) => Number(at) > soon) })
    await gateway.store.write('UPDATE sessions SET ends_at = 1')
    await expect
      .poll(async () => await gateway.store.rows('SELECT 1 FROM sessions'), { timeout: 20_000 })
      .toEqual([])
  })
})
