// Reads of a store of years: single tasks, hot and cold, and every list that a customer or an operator asks for.
import autocannon from 'autocannon'
import { adminToken, operator } from '../servers.ts'
import type { Gateway } from '../servers.ts'
import type { Stores } from './stores.ts'

interface Owned {
  readonly id: string
  readonly key: string
}

const hotTasks = 64
/** Spread over the whole store: hardly two of them share a page. */
const coldTasks = 20_000
const listRounds = 15

/** Ids of tasks spread over the whole store, with a key of their account each. */
export async function someTasks(stores: Stores, name: string, { url }: Gateway): Promise<Owned[]> {
  const idsOf = async (sql: string) => (await stores.rows<{ id: string }>(name, sql)).map(({ id }) => id)
  const accounts = await idsOf("SELECT id FROM accounts WHERE name = 'a customer of years'")
  const owned: Owned[] = []
  for (const account of accounts) {
    const { key } = await operator(url, `/accounts/${account}/keys`, { name: 'bench' })
    const ids = await idsOf(`SELECT id FROM tasks WHERE account_id = '${account}'`)
    const each = Math.ceil(coldTasks / accounts.length)
    const step = Math.max(1, Math.floor(ids.length / each))
    for (let at = 0; at < ids.length; at += step) owned.push({ id: ids[at] ?? '', key })
  }
  return shuffled(owned)
}

/** The same order in each run. */
function shuffled<Item>(items: readonly Item[]): Item[] {
  let state = 1
  const next = () => (state = (state * 48_271) % 2_147_483_647)
  return items
    .map((item) => [next(), item] as const)
    .toSorted(([one], [other]) => one - other)
    .map(([, item]) => item)
}

/** An account of the seed, and a key of it. */
export async function someAccount(stores: Stores, name: string, { url }: Gateway) {
  const [account] = await stores.rows<{ id: string }>(
    name,
    "SELECT id FROM accounts WHERE name = 'a customer of years' LIMIT 1",
  )
  if (!account) throw new Error('the store was not seeded')
  const { key } = await operator(url, `/accounts/${account.id}/keys`, { name: 'bench' })
  return { account: account.id, key }
}

export async function queriesPerSecond(
  url: string,
  tasks: readonly Owned[],
  seconds: number,
): Promise<number> {
  let at = 0
  const { requests, non2xx } = await autocannon({
    url,
    connections: 32,
    duration: seconds,
    requests: [
      {
        method: 'GET',
        setupRequest(request) {
          const task = tasks[(at += 1) % tasks.length]
          return {
            ...request,
            path: `/api/v1/tasks/${task?.id}`,
            headers: { ...request.headers, authorization: `Bearer ${task?.key}` },
          }
        },
      },
    ],
  })
  if (non2xx > 0) throw new Error(`${non2xx} queries were not answered`)
  return requests.average
}

export const hot = (tasks: readonly Owned[]): readonly Owned[] => tasks.slice(0, hotTasks)

const ofCustomers = ['', '?status=1', '?status=4', '?model_id=none'].map((query) => `/api/v1/tasks${query}`)
const day = new Date(Date.now() - 100 * 24 * 3_600_000).toISOString().slice(0, 10)

/** Every list with each of its filters, also such that hardly anything or nothing fits; and what `find` looks for. */
const ofOperators = (account: string): readonly string[] => [
  '/admin/v1/stats',
  ...['', '?query=years', '?query=none'].map((query) => `/admin/v1/accounts${query}`),
  ...[
    '',
    '?status=1',
    '?status=4',
    '?model_id=none',
    `?account=${account}`,
    `?account=${account}&status=4`,
    `?account=${account}&model_id=none`,
    `?account=${account}&text=none`,
    '?key=key_of_years',
    '?key=none',
    `?from=${day}&to=${day}`,
    `?from=${day}&to=${day}&status=4`,
    '?text=garden',
    '?text=none',
    '?error=work',
    '?error=none',
  ].map((query) => `/admin/v1/tasks${query}`),
  `/admin/v1/accounts/${account}/ledger`,
  ...['', '?actor=anna', '?actor=none', `?target=${account}`, '?target=none'].map(
    (query) => `/admin/v1/audit${query}`,
  ),
  ...['', '?status=redeemed', '?batch=batch_of_years', '?batch=none'].map(
    (query) => `/admin/v1/codes${query}`,
  ),
  ...['open', 'decided', 'all'].map((status) => `/admin/v1/reconcile?status=${status}`),
  '/admin/v1/alerts',
  ...[account, 'task_', 'task_none', 'i2is-task_', 'years', 'nobody', 'garden', 'sk-none'].map(
    (text) => `/admin/v1/find?q=${text}`,
  ),
]

export interface ListTime {
  readonly path: string
  readonly medianMs: number
  readonly longestMs: number
}

/** One after another, as a person turns pages. */
export async function listTimes({ url }: Gateway, key: string, account: string): Promise<ListTime[]> {
  const times: ListTime[] = []
  const customers = [...ofCustomers, '/api/v1/webhooks/deliveries?status=failed', '/api/v1/ledger']
  for (const path of [...customers, ...ofOperators(account)]) {
    const isOperator = path.startsWith('/admin/')
    const took: number[] = []
    for (let round = 0; round < listRounds; round += 1) {
      const began = performance.now()
      const response = await fetch(`${url}${path}`, {
        headers: { authorization: `Bearer ${isOperator ? adminToken : key}` },
      })
      await response.arrayBuffer()
      if (!response.ok) throw new Error(`${path} was answered ${response.status}`)
      took.push(performance.now() - began)
    }
    const sorted = took.toSorted((one, other) => one - other)
    times.push({ path, medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0, longestMs: sorted.at(-1) ?? 0 })
  }
  return times
}
