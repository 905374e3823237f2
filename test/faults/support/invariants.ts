// What has to hold after every fault, judged from outside: by what clients were told, and the upstream's own record.
import { until } from '../../support/gateway.ts'
import { remember } from './clients.ts'
import { call, everyPage, operator } from './outside.ts'
import type { Customer, Gateway, Order, Scene } from './scene.ts'
import type { Post } from './upstream.ts'

export interface Invariants {
  /** Promises that are broken, in words: none of them may be. */
  readonly problems: readonly string[]
  /** How long it took until every task had ended. */
  readonly endedMs: number
  readonly acknowledged: number
  readonly unknown: number
  /** Of those whose outcome no client learnt: how many were taken after all. */
  readonly unknownTaken: number
  readonly succeeded: number
  readonly failed: number
  /** Prompts of orders whose tasks failed, though the upstream was asked for nothing unusual. */
  readonly failedPlain: readonly string[]
}

/** For whoever reads the run. */
export function inWords(found: Omit<Invariants, 'problems'>): string {
  const { acknowledged, unknown, unknownTaken, succeeded, failed, endedMs } = found
  return (
    `${acknowledged} orders acknowledged, ${unknown} in doubt (${unknownTaken} of them taken); ` +
    `${succeeded} tasks succeeded and ${failed} failed within ${endedMs} ms`
  )
}

const endMaxMs = 60_000

/** Waits until every task has ended, and looks at everything. */
export async function checkInvariants(scene: Scene, gateway: Gateway): Promise<Invariants> {
  const endedMs = await everyTaskEnded(gateway)
  const tasks = new Map<string, any>()
  const problems: string[] = []
  for (const customer of scene.customers) {
    const askedAt = performance.now()
    const shown = await everyPage(gateway.url, customer.key, '/api/v1/tasks', 'tasks')
    for (const task of shown) {
      tasks.set(task.task_id, task)
      remember(scene, task, askedAt)
      problems.push(...brokenEnd(task))
    }
    problems.push(...(await brokenMoney(gateway, customer, shown)))
  }
  problems.push(...[...scene.ended.keys()].filter((id) => !tasks.has(id)).map((id) => `${id} is gone`))
  problems.unshift(...scene.problems)
  const orders = [...scene.orders.values()]
  const owners = await ownersOf(gateway, orders, tasks, problems)
  const made = Map.groupBy(tasks.values(), ({ task_id: id }) => owners.get(id))
  for (const order of orders) problems.push(...brokenOrder(order, tasks, made.get(order.prompt) ?? []))
  problems.push(...brokenPosts(scene.upstream.posts(), owners, tasks))
  problems.push(...(await brokenAudit(gateway)))
  const every = [...tasks.values()]
  const taken = new Set(owners.values())
  const unknown = orders.filter(({ told }) => told === 'unknown')
  const failed = every.filter(({ task_status: status }) => status === 4)
  const plain = failed
    .map(({ task_id: id }) => owners.get(id) ?? '')
    .filter((prompt) => /^(plain|slow) /.test(prompt))
  return {
    problems,
    endedMs,
    acknowledged: orders.filter(({ told }) => told === 'acknowledged').length,
    unknown: unknown.length,
    unknownTaken: unknown.filter(({ prompt }) => taken.has(prompt)).length,
    succeeded: every.length - failed.length,
    failed: failed.length,
    failedPlain: [...new Set(plain)],
  }
}

async function everyTaskEnded({ url }: Gateway): Promise<number> {
  const startedAt = performance.now()
  const states = async () => (await operator(url, '/stats')).tasks as Record<string, number>
  await until(
    states,
    (counts) =>
      Object.entries(counts).every(([state, count]) => count === 0 || /^(succeeded|failed)$/.test(state)),
    endMaxMs,
  )
  return Math.round(performance.now() - startedAt)
}

function brokenEnd(task: any): string[] {
  const { task_id: id, task_status: status, credits, credits_refunded: refunded } = task
  if (status === 3) {
    if (refunded !== 0) return [`${id} succeeded, and ${refunded} were given back`]
    return task.image_url === null ? [`${id} succeeded without a result`] : []
  }
  if (status !== 4) return [`${id} is shown as ${status}`]
  return refunded === credits ? [] : [`${id} failed, took ${credits} and gave ${refunded} back`]
}

/** The balance is what was granted, less what tasks took, and what they gave back; entry by entry. */
async function brokenMoney({ url }: Gateway, customer: Customer, tasks: readonly any[]): Promise<string[]> {
  const { accountId, key, granted } = customer
  const problems: string[] = []
  const spent = tasks.reduce((sum, { credits, credits_refunded: back }) => sum + credits - back, 0)
  const shown = (await call(`${url}/api/v1/credits`, key)).json.data
  const { balance } = await operator(url, `/accounts/${accountId}`)
  if (shown.balance !== granted - spent || balance !== shown.balance)
    problems.push(
      `${accountId} should hold ${granted - spent}; it is told ${shown.balance}, the operator ${balance}`,
    )
  if (shown.in_flight !== 0) problems.push(`${accountId} has ${shown.in_flight} in flight for nothing`)

  const entries = (await everyPage(url, key, '/api/v1/ledger', 'entries')).toReversed()
  let running = 0
  for (const entry of entries) {
    running += entry.amount
    if (entry.balance !== running)
      problems.push(`entry ${entry.id} says ${entry.balance} where ${running} are left`)
  }
  if (running !== granted - spent) problems.push(`the entries of ${accountId} come to ${running}`)
  const lines = (kind: string) =>
    entries.filter((entry) => entry.kind === kind).map(({ task_id: id, amount }) => `${id} ${amount}`)
  const charges = tasks.map(({ task_id: id, credits }) => `${id} ${-credits}`)
  const failures = tasks.filter(({ task_status: status }) => status === 4)
  const refunds = failures.map(({ task_id: id, credits }) => `${id} ${credits}`)
  problems.push(
    ...unequal('charges', lines('charge'), charges),
    ...unequal('refunds', lines('refund'), refunds),
  )
  return problems
}

function unequal(what: string, found: readonly string[], expected: readonly string[]): string[] {
  const [left, right] = [found.toSorted().join(), expected.toSorted().join()]
  return left === right ? [] : [`${what} are ${left}, and should be ${right}`]
}

/** The prompt of every task: of those that were acknowledged by that, of the others by what the operator sees. */
async function ownersOf(
  { url }: Gateway,
  orders: readonly Order[],
  tasks: ReadonlyMap<string, any>,
  problems: string[],
): Promise<Map<string, string>> {
  const owners = new Map<string, string>()
  for (const { prompt, taskIds } of orders) for (const id of taskIds) owners.set(id, prompt)
  for (const id of tasks.keys()) {
    if (owners.has(id)) continue
    const { request } = await operator(url, `/tasks/${id}`)
    if (!orders.some(({ prompt }) => prompt === request.order.prompt))
      problems.push(`${id} was ordered by nobody`)
    owners.set(id, request.order.prompt)
  }
  return owners
}

/** How an order may be refused, or left in doubt, in these scenes. */
const expectedWords =
  /^(?:never sent|200 insufficient_credits: |503 unavailable: |408 invalid_request: The request took too long)/

/** All of it or nothing; all where that was said, nothing where that was. */
function brokenOrder(order: Order, tasks: ReadonlyMap<string, any>, made: readonly any[]): string[] {
  const { prompt, count, creditsEach, told, requestId, taskIds, words } = order
  const problems: string[] = []
  if (told !== 'acknowledged' && words !== '' && !expectedWords.test(words))
    problems.push(`${prompt} was answered ${words}`)
  const lost = taskIds.filter((id) => !tasks.has(id))
  if (lost.length > 0) problems.push(`${prompt} was acknowledged, and of its tasks ${lost.join()} are lost`)
  if (told === 'refused' && made.length > 0)
    problems.push(`${prompt} was refused (${words}), and made ${made.length} tasks`)
  if (made.length > 0 && made.length !== count)
    problems.push(`${prompt} asked for ${count} tasks and made ${made.length}`)
  if (new Set(made.map((task) => task.request_id)).size > 1) problems.push(`${prompt} was taken twice`)
  for (const task of made) {
    if (task.credits !== creditsEach)
      problems.push(`${task.task_id} took ${task.credits} and not ${creditsEach}`)
    if (requestId !== null && task.request_id !== requestId)
      problems.push(`${task.task_id} changed its request`)
  }
  return problems
}

/** Nothing is posted again unless Keevx documents it, and nothing that nobody ordered. */
function brokenPosts(
  posts: readonly Post[],
  owners: ReadonlyMap<string, string>,
  tasks: ReadonlyMap<string, any>,
): string[] {
  const problems: string[] = []
  const ordered = new Set(owners.values())
  const promptOf = new Map<string, string>()
  const finalPosts = new Set<string>()
  for (const { prompt, ids, mayComeAgain } of posts) {
    if (finalPosts.has(prompt)) problems.push(`${prompt} was posted again, though nothing allowed it`)
    if (!mayComeAgain) finalPosts.add(prompt)
    if (!ordered.has(prompt)) problems.push(`${prompt} was posted, and no task stands for it`)
    for (const id of ids) promptOf.set(id, prompt)
  }
  const results = new Set<string>()
  for (const { task_id: id, task_status: status, image_url: url } of tasks.values()) {
    if (status !== 3) continue
    const made = /([^/]+)\.png$/.exec(url)?.[1] ?? ''
    if (promptOf.get(made) !== owners.get(id)) problems.push(`${id} shows ${url}, which is not its own`)
    if (results.has(made)) problems.push(`${url} is shown for two tasks`)
    results.add(made)
  }
  return problems
}

/** What the program says of its own books. */
async function brokenAudit({ url }: Gateway): Promise<string[]> {
  const { ok, drift } = await operator(url, '/ledger/verify')
  return ok === true ? [] : [`GET /ledger/verify: ${JSON.stringify(drift)}`]
}
