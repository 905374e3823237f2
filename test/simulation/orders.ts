// Customers who order: alone, at once, with too little, and in the moment in which they are suspended.
import { changeAccount } from '../../src/accounts/accounts.ts'
import { findCaller } from '../../src/accounts/keys.ts'
import type { Context } from '../../src/context.ts'
import { GatewayError } from '../../src/errors.ts'
import { newId } from '../../src/ids.ts'
import { createTasks } from '../../src/tasks/create.ts'
import type { Created } from '../../src/tasks/create.ts'
import type { History } from './history.ts'
import type { Answer } from './lives.ts'
import { Broken } from './model.ts'
import type { Order } from './model.ts'
import type { Outside } from './outside.ts'
import { models } from './rules.ts'

const countMax = 4
const atOnceMax = 5

export function create(history: History): void {
  const { chance, model, clock } = history
  const account = chance.pick(model.accounts)
  const key = chance.pick(account.keys)
  const wanted = { account, key, model: chance.pick(models), count: 1 + chance.below(countMax) }
  const at = clock.now()
  const order = model.order({ ...wanted, at, requestId: newId('req', at) })
  place(history, order, async (ctx) => await handOver(history, ctx, order))
}

/** All of them in one turn of the writer. */
export function createAtOnce(history: History): void {
  const times = 2 + history.chance.below(atOnceMax - 1)
  for (let time = 0; time < times; time += 1) create(history)
}

/** Its caller was known as active, and is so no more when the order is stored. */
export function createWhileSuspended(history: History): void {
  const { chance, model, clock } = history
  const account = chance.pick(model.accounts)
  const key = account.keys.find(({ revoked }) => !revoked)
  if (account.suspended || !key) return
  const at = clock.now()
  const order = model.order({ account, key, model: 'picture', count: 1, at, requestId: newId('req', at) })
  place(
    history,
    order,
    async (ctx) => {
      const caller = await findCaller(ctx.db, key.secret, at)
      await ctx.db.transaction((tx) => changeAccount(tx, account.id, { status: 'suspended' }))
      account.suspended = true
      order.expected = model.answerTo(order)
      return caller && (await createTasks(ctx, caller, bodyOf(order), order.requestId))
    },
    (outside) => {
      account.suspended = outside
        .accounts()
        .some(({ id, status }) => id === account.id && status === 'suspended')
    },
  )
}

async function handOver({ model }: History, ctx: Context, order: Order): Promise<Created | null> {
  const caller = await findCaller(ctx.db, order.key.secret, order.at)
  order.expected = model.answerTo(order)
  return caller && (await createTasks(ctx, caller, bodyOf(order), order.requestId))
}

const bodyOf = ({ model, label, count }: Order) => ({
  model_id: model,
  prompt: `order ${label}`,
  generate_count: count,
})

function place(
  { lives, model, story }: History,
  order: Order,
  work: (ctx: Context) => Promise<Created | null>,
  inDoubt: (outside: Outside) => void = () => undefined,
): void {
  const { label, account, count, creditsEach } = order
  const number = model.accounts.indexOf(account)
  story.push(`    order ${label}: account ${number} wants ${count} for ${creditsEach} each`)
  lives.ask(
    `order ${label}`,
    work,
    (answer) => {
      const told = answerOf(answer)
      story.push(`    order ${label} is told: ${told.type}`)
      if (told.type === 'unavailable' && !lives.life.troubled)
        throw new Broken(`order ${label} failed: ${told.words}`)
      // In a store in trouble an order before this one may have been refused, and left more than was thought.
      if (told.type !== order.expected && !lives.life.troubled)
        throw new Broken(`order ${label} was told "${told.type}", not "${order.expected}"`)
      if (told.created === null) order.fate = 'absent'
      else {
        const { taskIds, credits, requestId } = told.created
        if (taskIds.length !== count || credits !== count * creditsEach || requestId !== order.requestId)
          throw new Broken(`order ${label} was told ${JSON.stringify(told.created)}`)
        model.stored(order, taskIds)
      }
    },
    (outside) => {
      const found = outside.requests().some(({ id }) => id === order.requestId)
      const tasks = outside.tasks().filter((task) => task.request_id === order.requestId)
      story.push(`    order ${label} was never told; ${found ? 'it is stored' : 'it is not stored'}`)
      if (tasks.length !== (found ? count : 0))
        throw new Broken(`${tasks.length} of ${count} tasks of order ${label} are stored`)
      if (!found) order.fate = 'absent'
      else
        model.stored(
          order,
          tasks.map(({ id }) => id),
        )
      inDoubt(outside)
    },
  )
}

function answerOf(answer: Answer<Created | null>): { type: string; words: string; created: Created | null } {
  if ('value' in answer)
    return { type: answer.value ? 'ok' : 'unauthorized', words: '', created: answer.value }
  const { error } = answer
  const type = error instanceof GatewayError ? error.type : 'unavailable'
  return { type, words: String(error), created: null }
}
