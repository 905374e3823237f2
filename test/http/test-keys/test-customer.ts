// A customer with a test key of an account.
import { admitted, keptUrl, until } from '../../support/gateway.ts'
import type { Answer, Customer, Gateway } from '../../support/gateway.ts'

export interface TestCustomer extends Pick<Customer, 'key' | 'create' | 'get' | 'ended' | 'kept'> {
  readonly keyId: string
}

export async function testCustomer(gateway: Gateway, accountId: string): Promise<TestCustomer> {
  const made = await admitted(() =>
    gateway.operator('POST', `/accounts/${accountId}/keys`, { name: 'drill', test: true }),
  )
  const { key, id: keyId } = made as { key: string; id: string }
  const get = (path: string): Promise<Answer> => gateway.call('GET', `/api/v1${path}`, { key })
  return {
    key,
    keyId,
    get,
    create: (body, headers) =>
      gateway.call('POST', '/api/v1/tasks/create', { key, body, ...(headers && { headers }) }),
    ended: async (id) =>
      await until(
        async () => (await get(`/tasks/${id}`)).json.data,
        (task) => task.task_status >= 3,
      ),
    kept: async (id) =>
      await until(
        async () => (await get(`/tasks/${id}`)).json.data,
        (task) => keptUrl.test(String(task.image_url)),
      ),
  }
}
