// Customers who order: alone, at once, with too little, twice under one key, and while they are being suspended.
import { changeAccount } from '../../src/accounts/accounts.ts'
import { findCaller } from '../../src/accounts/callers.ts'
import type { Context } from '../../src/context.ts'
import { GatewayError } from '../../src/errors.ts'
import { newId } from '../../src/ids.ts'
import { createTasks } from '../../src/tasks/create/create.ts'
import type { Created } from '../../src/tasks/create/created.ts'
import type { History } from './history.ts'
import type { Answer } from './lives.ts'
import { Broken } from './model.ts'
import type { Account, Key, Order } from './model.ts'
import type { Outside } from './outside.ts'
import { models } from './rules.ts'

const countMax = 4
const atOnceMax = 5
/** A key is kept for a day at least; after that nobody is promised anything. */
const keptForMs = 24 * 3_600_000

/** One of the times that an order is sent. */
interface Sending {
  readonly order: Order
  readonly key: Key
  readonly requestId: string
  /** Whether it says something else than what its idempotency key stands for. */
  readonly isChanged: boolean
  /** Something that happens after the caller was let in and before the order is handed over. */
  readonly meanwhile?: (ctx: Context) => Promise<void>
  readonly inDoubt?: (outside: Outside) => void
}

export function create(history: History): void {
  const { chance, model } = history
  const account = chance.pick(model.accounts)
  send(history, newOrder(history, account, null), chance.pick(account.keys))
}

/** All of them in one turn of the writer. */
export function createAtOnce(history: History): void {
  const times = 2 + history.chance.below(atOnceMax - 1)
  for (let time = 0; time < times; time += 1) create(history)
}

/** With an idempotency key, perhaps several times at once, as a client does that has lost its patience. */
export function createOnce(history: History): void {
  const { chance, model } = history
  const account = chance.pick(model.accounts)
  const order = newOrder(history, account, `once ${model.orders.length}`)
  const times = chance.pick([1, 1, 2, 5])
  for (let time = 0; time < times; time += 1) send(history, order, chance.pick(account.keys))
}

/** An order with an idempotency key is sent again, as it was or changed. */
export function repeat(history: History): void {
  const { chance, model, clock } = history
  const known = model.orders.filter(
    ({ idempotencyKey, at }) => idempotencyKey !== null && clock.now() < at + keptForMs,
  )
  if (known.length === 0) return
  const order = chance.pick(known)
  const isChanged = order.fate === 'stored' && chance.oneIn(4)
  send(history, order, chance.pick(order.account.keys), { isChanged })
}

/** Its caller was known as active, and is so no more when the order is stored. */
export function createWhileSuspended(history: History): void {
  const { chance, model } = history
  const account = chance.pick(model.accounts)
  const key = account.keys.find(({ revoked }) => !revoked)
  if (account.suspended || !key) return
  send(history, newOrder(history, account, null), key, {
    async meanwhile(ctx) {
      await ctx.db.transaction((tx) => changeAccount(tx, account.id, { status: 'suspended' }))
      account.suspended = true
    },
    inDoubt(outside) {
      const row = outside.accounts().find(({ id }) => id === account.id)
      account.suspended = row?.status === 'suspended'
    },
  })
}

function newOrder({ chance, model }: History, account: Account, idempotencyKey: string | null): Order {
  return model.order({
    account,
    idempotencyKey,
    model: chance.pick(models),
    count: 1 + chance.below(countMax),
  })
}

const bodyOf = ({ order, isChanged }: Sending) => ({
  model_id: order.model,
  prompt: `order ${order.label}`,
  generate_count: order.count,
  ...(isChanged && { prompt: 'another picture' }),
})

function send(
  history: History,
  order: Order,
  key: Key,
  more: Partial<Pick<Sending, 'isChanged' | 'meanwhile' | 'inDoubt'>> = {},
): void {
  const { lives, model, story, clock } = history
  const at = clock.now()
  const sending: Sending = { isChanged: false, ...more, order, key, requestId: newId('req', at) }
  model.sent(order, sending.requestId)
  const name = `order ${order.label}`
  const words = `${name} of account ${model.accounts.indexOf(order.account)}: ${order.count} of ${order.model}`
  story.push(`    ${words}${sending.isChanged ? ', changed' : ''}`)
  lives.ask(
    name,
    async (ctx) => {
      const caller = await findCaller(ctx.db, key.secret, { nowMs: at })
      await more.meanwhile?.(ctx)
      if (!caller) return null
      model.handedOver(order, at)
      const body = bodyOf(sending)
      const { requestId } = sending
      const { created, replayed } = await createTasks(ctx, {
        caller,
        body,
        requestId,
        idempotencyKey: order.idempotencyKey,
      })
      return { ...created, replayed }
    },
    (answer) => tell(history, sending, answer),
    (outside) => {
      findOut(history, sending, outside)
      more.inDoubt?.(outside)
    },
  )
}

type Receipt = Created & { readonly replayed?: boolean }

function tell(history: History, sending: Sending, answer: Answer<Receipt | null>): void {
  const { model, story, lives } = history
  const { order } = sending
  order.waiting -= 1
  const refusal = refusalIn(answer)
  story.push(`    order ${order.label} is told: ${refusal ?? 'ok'}`)
  const expected = expectedOf(sending)
  // In a store in trouble an order before this one may have been refused, and left more than was thought.
  if (!lives.life.troubled && (refusal ?? 'ok') !== expected) {
    throw new Broken(
      `order ${order.label} was told "${refusal ?? 'ok'}", not "${expected}": ${wordsOf(answer)}`,
    )
  }
  if ('value' in answer && answer.value) receive(history, sending, answer.value)
  else model.refused(order)
}

function expectedOf({ order, key, isChanged }: Sending): string | null {
  if (key.revoked) return 'unauthorized'
  if (order.fate !== 'stored') return order.expected
  return isChanged ? 'idempotency_mismatch' : 'ok'
}

function receive({ model }: History, sending: Sending, receipt: Receipt): void {
  const { order } = sending
  const { requestId, taskIds, credits, replayed = false } = receipt
  const isOwn = requestId === sending.requestId
  const isRight =
    taskIds.length === order.count &&
    credits === order.count * order.creditsEach &&
    order.requestIds.includes(requestId) &&
    replayed !== isOwn
  if (!isRight) throw new Broken(`order ${order.label} was told ${JSON.stringify(receipt)}`)
  if (order.fate !== 'stored') model.stored(order, requestId, taskIds)
  else if (order.requestId !== requestId || order.taskIds.join(' ') !== taskIds.join(' ')) {
    throw new Broken(`order ${order.label} was made twice: ${JSON.stringify(receipt)}`)
  }
}

/** Nobody was told, for the process was gone; whoever looks finds all of it, or nothing. */
function findOut({ model, story }: History, { order }: Sending, outside: Outside): void {
  order.waiting -= 1
  if (order.fate === 'stored') return
  const found = outside.requests().filter(({ id }) => order.requestIds.includes(id))
  const tasks = outside.tasks().filter(({ request_id: id }) => order.requestIds.includes(id))
  story.push(`    order ${order.label} was never told; it is ${found.length === 0 ? 'not ' : ''}stored`)
  if (found.length > 1 || tasks.length !== found.length * order.count) {
    throw new Broken(`of order ${order.label} there are ${found.length} requests, ${tasks.length} tasks`)
  }
  const [request] = found
  if (!request) model.refused(order)
  else
    model.stored(
      order,
      request.id,
      tasks.map(({ id }) => id),
    )
}

function refusalIn(answer: Answer<Receipt | null>): string | null {
  if ('value' in answer) return answer.value ? null : 'unauthorized'
  return answer.error instanceof GatewayError ? answer.error.type : 'unavailable'
}

const wordsOf = (answer: Answer<unknown>): string =>
  'error' in answer ? String(answer.error) : JSON.stringify(answer.value)
