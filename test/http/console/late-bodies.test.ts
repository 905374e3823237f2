// A request whose body comes late acts only if what opened it still holds then.
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminToken, quickYaml, startGateway } from '../../support/gateway.ts'
import type { Gateway } from '../../support/gateway.ts'
import { signedIn } from './browser.ts'
import type { Browser } from './browser.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ yaml: quickYaml })
})
afterAll(async () => await gateway.stop())

interface Held {
  /** Sends the body; returns the whole answer. */
  release(): Promise<string>
}

/** A request of which the gateway has the head alone. */
async function hold(path: string, headers: Record<string, string>, body: object): Promise<Held> {
  const { host, port } = new URL(gateway.url)
  const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8')
  const text = JSON.stringify(body)
  const fields = { host, ...headers, 'content-type': 'application/json', 'content-length': text.length }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  // Answered with 100 once the request is being looked at.
  socket.write(`POST ${path} HTTP/1.1\r\nexpect: 100-continue\r\nconnection: close\r\n${lines.join('')}\r\n`)
  const [early] = (await once(socket, 'data')) as [string]
  expect(early).toContain('100 Continue')
  return {
    async release() {
      let answer = ''
      socket.on('data', (more: string) => void (answer += more))
      socket.write(text)
      await once(socket, 'close')
      return answer
    },
  }
}

const page = ({ cookie }: Browser) => ({ cookie, origin: gateway.url, 'sec-fetch-site': 'same-origin' })

async function linkOf(accountId: string): Promise<{ link: string }> {
  const { url } = (await gateway.operator('POST', `/accounts/${accountId}/link`, {})).json.data
  return { link: String(url).split('/').at(-1) ?? '' }
}

test('a session that was signed out makes no key with a request that it began before', async () => {
  const { accountId } = await gateway.customer()
  const thief = await signedIn(gateway, await linkOf(accountId))
  const owner = await signedIn(gateway, await linkOf(accountId))
  const held = await hold('/console/api/v1/keys', page(thief), { name: 'mine for ever' })
  const other = await hold('/console/api/v1/keys', page(owner), { name: 'in time' })
  expect(await other.release()).toContain('"name":"in time"')
  expect((await owner.call('DELETE', '/console/sessions')).status).toBe(204)
  expect(await held.release()).toContain('HTTP/1.1 401')
  const { keys } = (await gateway.operator('GET', `/accounts/${accountId}/keys`)).json.data
  expect(JSON.stringify(keys)).not.toContain('mine for ever')
})

test('nor does an operator’s give credits', async () => {
  const { accountId } = await gateway.customer(10)
  const operator = await signedIn(gateway, { secret: adminToken })
  const path = `/console/admin/v1/accounts/${accountId}/credits`
  const held = await hold(path, page(operator), { amount: 500 })
  expect((await operator.call('DELETE', '/console/sessions')).status).toBe(204)
  expect(await held.release()).toContain('HTTP/1.1 401')
  expect((await gateway.operator('GET', `/accounts/${accountId}`)).json.data).toMatchObject({ balance: 10 })
})

test('nor does a key that was revoked order', async () => {
  const { accountId, key } = await gateway.customer(100)
  const order = { model_id: 'gpt-image-2', prompt: 'a garden' }
  const held = await hold('/api/v1/tasks/create', { authorization: `Bearer ${key}` }, order)
  const { keys } = (await gateway.operator('GET', `/accounts/${accountId}/keys`)).json.data
  await gateway.operator('DELETE', `/keys/${keys[0].id}`)
  expect(await held.release()).toContain('"type":"unauthorized"')
  expect((await gateway.operator('GET', `/accounts/${accountId}`)).json.data).toMatchObject({ balance: 100 })
})
