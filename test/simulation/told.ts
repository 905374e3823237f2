// What customers are told when they ask: their own tasks and money, and nothing of anybody else's.
import type { Context } from '../../src/context.ts'
import type { Page } from '../../src/db/page.ts'
import { GatewayError } from '../../src/errors.ts'
import { balanceOf, listEntries } from '../../src/ledger/statement.ts'
import { findTask, listTasks } from '../../src/tasks/read/find.ts'
import type { TaskRow } from '../../src/tasks/store.ts'
import { expiryTime } from '../../src/expiry.ts'
import { viewTask } from '../../src/tasks/read/view.ts'
import type { Chance } from './chance.ts'
import { Broken } from './model.ts'
import type { Account, Model, Order, TaskSeen } from './model.ts'

const pageMax = 7

export class Told {
  readonly #model: Model
  /** What was last told of each task. */
  readonly #seen = new Map<string, ReturnType<typeof viewTask>>()

  constructor(model: Model) {
    this.#model = model
  }

  /** An account asks after its money and after one task of its own, one of another's, and one that never was. */
  async ask(ctx: Context, chance: Chance): Promise<void> {
    const account = chance.pick(this.#model.accounts)
    await this.#askForMoney(ctx, account)
    const tasks = [...this.#model.tasks.values()]
    if (tasks.length === 0) return
    const task = chance.pick(tasks)
    if (task.order.account === account) await this.#askForTask(ctx, task)
    else await this.#askForAnothers(ctx, account, task)
  }

  /** Every task is asked after by its owner, and one account asks after all that it has. */
  async askAll(ctx: Context, chance: Chance): Promise<void> {
    for (const task of this.#model.tasks.values()) await this.#askForTask(ctx, task)
    const account = chance.pick(this.#model.accounts)
    await this.#askForMoney(ctx, account)
    await this.#askForList(ctx, account)
  }

  async #askForMoney(ctx: Context, account: Account): Promise<void> {
    const { balance, inFlight } = await balanceOf(ctx.db.read, account.id)
    const expected = this.#model.balanceOf(account)
    if (balance !== expected)
      throw new Broken(`${account.id} is told a balance of ${balance}, not ${expected}`)
    const open = this.#model.openTasksOf(account).reduce((sum, { order }) => sum + order.creditsEach, 0)
    if (inFlight !== open) throw new Broken(`${account.id} is told of ${inFlight} in flight, not ${open}`)
    const [newest] = await listEntries(ctx.db.read, { accountId: account.id, before: null, limit: 1 })
    if ((newest?.balanceAfter ?? 0) !== balance) throw new Broken(`${account.id} sees two balances`)
  }

  async #askForTask(ctx: Context, { id, order, state }: TaskSeen): Promise<void> {
    const view = viewTask(await findTask(ctx.db.read, order.account.id, id), expiryTime(ctx))
    const before = this.#seen.get(id)
    this.#seen.set(id, view)
    const status = { succeeded: [3], failed: [4] }[state] ?? [1, 2]
    if (!status.includes(view.task_status))
      throw new Broken(`${id} is ${state} and shown ${view.task_status}`)
    if (before && before.task_status >= 3 && JSON.stringify(before) !== JSON.stringify(view)) {
      throw new Broken(`${id} had ended and is shown otherwise: ${JSON.stringify([before, view])}`)
    }
    if (Object.keys(againstView(order, view)).length > 0) {
      throw new Broken(`${id} is shown as ${JSON.stringify(view)}`)
    }
  }

  async #askForAnothers(ctx: Context, account: Account, { id }: TaskSeen): Promise<void> {
    const [anothers, nobodys] = await Promise.all([
      refusalOf(findTask(ctx.db.read, account.id, id)),
      refusalOf(findTask(ctx.db.read, account.id, 'task_0000000000000000000000000')),
    ])
    if (anothers === null || anothers !== nobodys)
      throw new Broken(`${account.id} can tell that ${id} exists`)
  }

  /** Page by page: all of its tasks, each once, newest first. */
  async #askForList(ctx: Context, account: Account): Promise<void> {
    const listed: string[] = []
    let before: string | null = null
    do {
      const filter = { accountId: account.id, status: null, modelId: null, before, limit: pageMax }
      const page: Page<TaskRow> = await listTasks(ctx.db.read, filter)
      listed.push(...page.rows.map(({ id }) => id))
      before = page.next
    } while (before !== null)
    const own = [...this.#model.tasks.values()].filter(({ order }) => order.account === account)
    const expected = own.map(({ id }) => id).toSorted()
    if (listed.toReversed().join(' ') !== expected.join(' ')) {
      throw new Broken(`${account.id} is shown the tasks ${listed.join(' ')}`)
    }
  }
}

/** The fields that are not as the customer ordered and paid. */
function againstView(order: Order, view: ReturnType<typeof viewTask>): Record<string, unknown> {
  const failed = view.task_status === 4
  const succeeded = view.task_status === 3
  const expected: Record<string, unknown> = {
    request_id: order.requestId,
    model_id: order.model,
    task_type: order.model === 'picture' ? 'image' : 'video',
    credits: order.creditsEach,
    credits_refunded: failed ? order.creditsEach : 0,
    created_at: Math.floor(order.at / 1000),
  }
  const wrong = Object.entries(expected).filter(([name, value]) => view[name as keyof typeof view] !== value)
  const hasResult = (view.image_url ?? view.video_url) !== null
  if (hasResult !== succeeded) wrong.push(['result', hasResult])
  if ((view.error_message !== null) !== failed) wrong.push(['error_message', view.error_message])
  if ((view.finished_at !== null) !== (failed || succeeded)) wrong.push(['finished_at', view.finished_at])
  return Object.fromEntries(wrong)
}

async function refusalOf(asked: Promise<unknown>): Promise<string | null> {
  try {
    await asked
    return null
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const { type, text, field } = error
    return JSON.stringify({ type, text, field })
  }
}
