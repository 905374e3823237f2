// Whether the store is what the model says it must be: money, states, results, and that nothing of the past has changed.
import { againstFailure, againstSuccess, againstWork } from './evidence.ts'
import { Broken, isOpen } from './model.ts'
import type { Model, Order, TaskSeen } from './model.ts'
import type { EntryRow, Outside, RequestRow, TaskRow } from './outside.ts'

/** From where a task may be seen to have come into each state; several steps may lie between two looks. */
const moves: Readonly<Record<string, readonly string[]>> = {
  queued: ['queued', 'submitting', 'unknown'],
  submitting: ['queued', 'submitting', 'unknown'],
  unknown: ['queued', 'submitting', 'unknown'],
  running: ['queued', 'submitting', 'unknown', 'running'],
  succeeded: ['queued', 'submitting', 'unknown', 'running', 'succeeded'],
  failed: ['queued', 'submitting', 'unknown', 'running', 'failed'],
}

export class Audit {
  readonly #model: Model
  readonly #entries: string[] = []
  readonly #running = new Map<string, number>()
  readonly #owed = new Map<string, number>()
  /** The kinds of entries that each task has. */
  readonly #kindsOf = new Map<string, string[]>()
  #lastEntry = 0

  constructor(model: Model) {
    this.#model = model
  }

  /** Compares everything with the model. Throws Broken with the first promise that does not hold. */
  compare(outside: Outside, nowMs: number): void {
    const rows = outside.tasks()
    const requests = new Map(outside.requests().map((request) => [request.id, request]))
    this.#compareOrders(rows, requests)
    for (const row of rows) this.#compareTask(row, requests, nowMs)
    this.#compareEntries(outside.entriesAfter(this.#lastEntry))
    this.#compareAccounts(outside)
  }

  /** Every entry ever seen is still what it was. */
  compareHistory(outside: Outside): void {
    const now = outside.entriesAfter(0).map((entry) => JSON.stringify(entry))
    const changed = this.#entries.find((entry, at) => now[at] !== entry)
    must(changed === undefined, `an entry of the ledger has changed or is gone: ${changed}`)
  }

  /** What Keevx has named to a process that lived to write it down is a task's, or known as an orphan. */
  compareWorks(outside: Outside): void {
    const orphans = new Set(outside.orphans().map((row) => `${row.request_id} ${row.upstream_task_id}`))
    const byTask = new Set(outside.tasks().map((row) => `${row.request_id} ${row.upstream_task_id}`))
    for (const { requestId, posts, label } of this.#model.orders) {
      for (const id of posts.flatMap((post) => (post.recorded ? post.ids : []))) {
        const name = `${requestId} ${id}`
        must(orphans.has(name) || byTask.has(name), `nobody knows of ${id}, which order ${label} was named`)
      }
    }
  }

  #compareOrders(rows: readonly TaskRow[], requests: ReadonlyMap<string, RequestRow>): void {
    const expected = this.#model.orders.filter(({ fate }) => fate === 'stored')
    for (const { requestId, label } of expected) {
      must(requests.has(requestId), `order ${label} was acknowledged and is gone`)
    }
    must(requests.size === expected.length, `there are ${requests.size} orders, not ${expected.length}`)
    const { tasks } = this.#model
    const unknown = rows.find(({ id }) => !tasks.has(id))
    must(unknown === undefined, `nobody was told of task ${unknown?.id}`)
    must(rows.length === tasks.size, `there are ${rows.length} tasks, not ${tasks.size}`)
  }

  #compareTask(row: TaskRow, requests: ReadonlyMap<string, RequestRow>, nowMs: number): void {
    const task = this.#model.tasks.get(row.id)
    if (!task) throw new Broken(`nobody was told of task ${row.id}`)
    const { order } = task
    const name = `task ${row.id} of order ${order.label}`
    must(row.request_id === order.requestId, `${name} is of ${row.request_id}`)
    must(row.account_id === order.account.id, `${name} is of account ${row.account_id}`)
    must(row.credits === order.creditsEach, `${name} costs ${row.credits}, not ${order.creditsEach}`)
    must(moves[row.state]?.includes(task.state), `${name} went from ${task.state} to ${row.state}`)
    const back = row.state === 'failed' ? row.credits : 0
    must(row.credits_refunded === back, `${name} is ${row.state} and gave back ${row.credits_refunded}`)
    if (row.state === 'unknown') giveUp(order)
    must(row.cancelled === 0 || task.cancelAsked, `${name} was cancelled, and nobody asked for it`)
    task.cancelled = row.cancelled === 1
    if (task.ended !== null) {
      must(task.ended === JSON.stringify(row), `${name} had ended and changed: ${task.ended}`)
      return
    }
    this.#compareWork(task, row, name)
    this.#compareEnd(task, { ...row, attempts_made: requests.get(row.request_id)?.attempts_made ?? 0 }, nowMs)
    task.state = row.state
    task.upstreamId = row.upstream_task_id
    if (!isOpen(row.state)) task.ended = JSON.stringify(row)
  }

  /** What was heard by a process that lived on without trouble has had its effect. */
  #compareWork({ order }: TaskSeen, row: TaskRow, name: string): void {
    if (!isOpen(row.state)) return
    const looks = this.#model.works.get(row.upstream_task_id ?? '')?.looks ?? []
    const decided = looks.find(
      (look) => look.isOfTask && look.recorded && /succeeded|failed/.test(look.means ?? ''),
    )
    must(!decided, `${name} is ${row.state}, and Keevx said ${decided?.means}`)
    // What callbacks brought home is not waited for any more, and what they did not is.
    if ([...this.#model.works.values()].some(({ hintedBy }) => hintedBy.has(order))) return
    const answer = order.posts.find(({ recorded, means }) => recorded && /taken|refused/.test(means ?? ''))
    if (answer?.means === 'refused' || (answer?.means === 'taken' && row.state !== 'running')) {
      throw new Broken(`${name} is ${row.state}, and its order was ${answer.means}`)
    }
  }

  #compareEnd({ order, id }: TaskSeen, row: TaskRow & { attempts_made: number }, nowMs: number): void {
    const against =
      againstWork(this.#model, order, row) ??
      (row.state === 'succeeded' ? againstSuccess(this.#model, row) : null) ??
      (row.state === 'failed' && row.cancelled === 0 ? againstFailure(this.#model, order, row, nowMs) : null)
    must(
      against === null,
      `task ${id} of order ${order.label} is ${row.state} (${row.error_message}): ${against}`,
    )
  }

  #compareEntries(entries: readonly EntryRow[]): void {
    for (const entry of entries) {
      const { id, account_id: accountId, kind, amount, task_id: taskId } = entry
      const balance = (this.#running.get(accountId) ?? 0) + amount
      must(balance === entry.balance_after, `entry ${id} leads to ${entry.balance_after}, not ${balance}`)
      must(balance >= 0, `entry ${id} leads below zero`)
      this.#running.set(accountId, balance)
      this.#compareOwed(entry)
      if (kind === 'repayment') must(amount < 0, `entry ${id} pays ${amount}`)
      else if (taskId === null) this.#compareGrant(entry)
      else this.#compareEntryOfTask(taskId, accountId, kind, amount)
      this.#entries.push(JSON.stringify(entry))
      this.#lastEntry = id
    }
    for (const { id, state } of this.#model.tasks.values()) {
      const kinds = this.#kindsOf.get(id)?.join(' then ') ?? 'nothing'
      const right = state === 'failed' ? 'charge then refund' : 'charge'
      must(kinds === right, `task ${id} is ${state} and has as entries ${kinds}`)
    }
  }

  #compareOwed({ id, account_id: accountId, owed_change: change, owed_after: after }: EntryRow): void {
    if (change === null && after === null) return
    const owed = (this.#owed.get(accountId) ?? 0) + (change ?? 0)
    must(owed === after && owed >= 0, `after entry ${id} ${after} is owed, not ${owed}`)
    this.#owed.set(accountId, owed)
  }

  #compareGrant({ id, account_id: accountId, kind, amount, note, owed_change: owed }: EntryRow): void {
    const grant = this.#model.grants.find((given) => given.note === note)
    must(grant?.fate === 'stored', `entry ${id} gives ${amount} that nobody gave`)
    must(
      grant.account.id === accountId && grant.amount === amount - (owed ?? 0),
      `entry ${id} is not the grant ${note}`,
    )
    must(kind === (grant.amount > 0 ? 'grant' : 'adjust'), `entry ${id} of ${amount} is a ${kind}`)
    const name = `grant ${note}`
    must(!this.#kindsOf.has(name), `${name} was given twice`)
    this.#kindsOf.set(name, [kind])
  }

  #compareEntryOfTask(taskId: string, accountId: string, kind: string, amount: number): void {
    const task = this.#model.tasks.get(taskId)
    if (!task) throw new Broken(`an entry is of task ${taskId}, which nobody ordered`)
    const { account, creditsEach } = task.order
    must(account.id === accountId, `task ${taskId} has an entry in the books of ${accountId}`)
    const right = kind === 'charge' ? -creditsEach : creditsEach
    must(amount === right, `the ${kind} of task ${taskId} is ${amount}, not ${right}`)
    this.#kindsOf.set(taskId, [...(this.#kindsOf.get(taskId) ?? []), kind])
  }

  #compareAccounts(outside: Outside): void {
    const rows = new Map(outside.accounts().map((row) => [row.id, row]))
    for (const account of this.#model.accounts) {
      const row = rows.get(account.id)
      if (!row) throw new Broken(`account ${account.id} is gone`)
      const open = this.#model.openTasksOf(account)
      const creditsOpen = open.reduce((sum, { order }) => sum + order.creditsEach, 0)
      const expected = this.#model.balanceOf(account)
      must(row.balance === expected, `account ${row.id} holds ${row.balance}, not ${expected}`)
      const owed = this.#owed.get(row.id) ?? 0
      must(row.owed === owed && owed === account.owed, `account ${row.id} owes ${row.owed}, not ${owed}`)
      must(
        row.tasks_open === open.length,
        `account ${row.id} counts ${row.tasks_open} of ${open.length} open`,
      )
      must(
        row.credits_open === creditsOpen,
        `account ${row.id} has ${row.credits_open}, not ${creditsOpen} open`,
      )
      must(row.status === (account.suspended ? 'suspended' : 'active'), `account ${row.id} is ${row.status}`)
    }
  }
}

/** From now on only an answer that is certain may have the order posted again. */
function giveUp({ posts }: Order): void {
  for (const post of posts) if (post.means === null) post.givenUp = true
}

function must(holds: boolean | undefined, otherwise: string): asserts holds {
  if (holds !== true) throw new Broken(otherwise)
}
