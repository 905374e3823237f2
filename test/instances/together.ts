// Several gateways on one PostgreSQL store, with one upstream.
import { onTestFinished } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import type { Customer, Gateway, GatewayOptions } from '../support/gateway.ts'
import { newSharedStoreUrl, openTestStore, placeFreshStore } from '../support/test-store.ts'

export const picture = { model_id: 'gpt-image-2', prompt: 'a heron' }

export interface Together {
  /** The first starts the upstream. */
  readonly gateways: readonly Gateway[]
  /** An account with credits, known to every gateway. */
  customer(credits?: number): Promise<Customer>
  /** The same customer by another gateway. */
  at(gateway: Gateway | undefined, customer: Customer): Pick<Customer, 'create' | 'task' | 'balance' | 'get'>
  /** One more. */
  another(options?: GatewayOptions): Promise<Gateway>
}

export async function startTogether(count: number, options: GatewayOptions = {}): Promise<Together> {
  if (!newSharedStoreUrl) throw new Error('this machine has no store that several gateways can serve')
  const databaseUrl = newSharedStoreUrl()
  await placeFreshStore(databaseUrl)
  const gateways: Gateway[] = []
  const another = async (more: GatewayOptions = {}): Promise<Gateway> => {
    const upstreamUrl = gateways[0]?.sandbox.baseUrl
    const gateway = await startGateway({
      ...(upstreamUrl && { upstreamUrl }),
      ...options,
      ...more,
      store: openTestStore(databaseUrl),
    })
    gateways.push(gateway)
    return gateway
  }
  onTestFinished(async () => {
    // The first one's upstream answers until the others have ended.
    for (const gateway of gateways.toReversed()) await gateway.stop()
  })
  for (let at = 0; at < count; at += 1) await another()
  const [first] = gateways
  if (!first) throw new Error('at least one gateway is needed')
  return {
    gateways,
    another,
    customer: async (credits) => await first.customer(credits),
    at(gateway = first, { key }) {
      const get = async (path: string) => await gateway.call('GET', `/api/v1${path}`, { key })
      return {
        get,
        create: async (body, headers) =>
          await gateway.call('POST', '/api/v1/tasks/create', { key, body, ...(headers && { headers }) }),
        task: async (id) => (await get(`/tasks/${id}`)).json.data,
        balance: async () => (await get('/credits')).json.data.balance,
      }
    },
  }
}
