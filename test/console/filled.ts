// A gateway with something on every page, and with texts of others that would be scripts if a page took them for such.
import { expect } from 'vitest'
import type { Answer, Customer, Gateway } from '../support/gateway.ts'

const hostile = [
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(2)>',
  "javascript:alert(3)//'",
  '{{7*7}} ${alert(4)} [x](javascript:alert(4))',
  '</script><script>alert(5)</script>',
] as const

export interface Filled {
  readonly customer: Customer
  /** Of a task that is made, and of one that failed. */
  readonly made: string
  readonly failed: string
}

const done = ({ status, text, json }: Answer): any => {
  expect(status, text).toBeLessThan(300)
  return json.data
}

export async function fill(gateway: Gateway): Promise<Filled> {
  const [name, note, keyName, secondNote, prompt] = hostile
  const customer = await gateway.customer(2_000)
  const { accountId } = customer
  const post = async (path: string, body: unknown) => done(await gateway.operator('POST', path, body))
  done(await gateway.operator('PATCH', `/accounts/${accountId}`, { limits: { tasks_in_flight: 50 } }))
  await post('/accounts', { name, credits: 5 })
  await post(`/accounts/${accountId}/keys`, { name: keyName })
  await post(`/accounts/${accountId}/credits`, { amount: 40, public_note: note, private_note: secondNote })
  await post('/codes', { credits: 10, count: 3, note })
  done(
    await gateway.call('PUT', '/api/v1/webhooks', {
      key: customer.key,
      body: { url: `https://example.invalid/hooks?${encodeURIComponent(name)}` },
    }),
  )
  const order = async (text: string, more: object = {}): Promise<string> =>
    done(await customer.create({ model_id: 'gpt-image-2', prompt: text, ...more })).task_id
  for (const text of [...hostile, 'a harbour in the fog', '晨雾中的苍鹭']) await order(text)
  const made = await order('a heron at dawn', { aspect_ratio: '16:9', resolution: '1K' })
  const failed = await order(`this will fail ${prompt}`)
  await customer.kept(made)
  await customer.ended(failed)
  return { customer, made, failed }
}
