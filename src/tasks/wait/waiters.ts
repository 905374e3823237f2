// The clients that wait for tasks: which ones wait for which request, and how many may.
import { GatewayError } from '../../errors.ts'
import type { TaskStatus } from '../state.ts'
import type { TaskRow } from '../store.ts'

/** Each holds a connection and some kilobytes. */
const waitersMax = 20_000
/** So that one account cannot use up the limit for all others. */
const waitersOfAccountMax = 1_000
const retryAfterMs = 5_000

/** `left`: the client is gone. */
export type Woken = 'changed' | 'due' | 'stopped' | 'left'

export interface Waiter {
  readonly taskId: string
  readonly requestId: string
  readonly accountId: string
  /** The status that its client has seen, and until when it sleeps. */
  status: TaskStatus
  dueAt: number
  /** Its task changed while it was awake. */
  told: boolean
  gone: boolean
  /** Null while it is awake. */
  wake: ((why: Woken) => void) | null
}

export interface Waiters {
  readonly all: ReadonlySet<Waiter>
  /** Throws rate_limited if too many wait already. */
  add(task: Pick<TaskRow, 'id' | 'requestId'>, accountId: string): Waiter
  remove(waiter: Waiter): void
  ofRequest(requestId: string): Iterable<Waiter>
}

/** At most as many waiters as connections, and a quarter of a smaller limit for one account. */
export function createWaiters(connectionsMax = Infinity): Waiters {
  const max = Math.min(waitersMax, connectionsMax)
  const ofAccountMax = Math.min(waitersOfAccountMax, Math.ceil(max / 4))
  const all = new Set<Waiter>()
  const byRequest = new Map<string, Set<Waiter>>()
  const ofAccount = new Map<string, number>()
  return {
    all,
    ofRequest: (requestId) => byRequest.get(requestId) ?? [],
    add({ id: taskId, requestId }, accountId) {
      const present = ofAccount.get(accountId) ?? 0
      if (present >= ofAccountMax) throw tooManyOfAccount(ofAccountMax)
      if (all.size >= max) throw tooMany()
      const rest = { status: 1, dueAt: Infinity, told: true, gone: false, wake: null } as const
      const waiter: Waiter = { taskId, requestId, accountId, ...rest }
      ofAccount.set(accountId, present + 1)
      all.add(waiter)
      const siblings = byRequest.get(requestId)
      if (siblings) siblings.add(waiter)
      else byRequest.set(requestId, new Set([waiter]))
      return waiter
    },
    remove(waiter) {
      if (!all.delete(waiter)) return
      const { requestId, accountId } = waiter
      const siblings = byRequest.get(requestId)
      siblings?.delete(waiter)
      if (siblings?.size === 0) byRequest.delete(requestId)
      const left = (ofAccount.get(accountId) ?? 1) - 1
      if (left === 0) ofAccount.delete(accountId)
      else ofAccount.set(accountId, left)
    },
  }
}

const tooManyOfAccount = (max: number) =>
  new GatewayError(
    'rate_limited',
    {
      en: `More than ${max} requests of your account are waiting for tasks. Nothing was charged for this one, and the tasks go on. Ask without wait, or wait as long as Retry-After says.`,
      zh: `您的账户已有超过 ${max} 个请求在等待任务。本次未扣除任何积分,任务照常进行。请不带 wait 查询,或按 Retry-After 指示的时间等待。`,
    },
    { retryAfterMs },
  )

const tooMany = () =>
  new GatewayError(
    'rate_limited',
    {
      en: 'Too many requests are waiting for tasks at the moment. Nothing was charged for this one, and the tasks go on. Ask without wait, or wait as long as Retry-After says.',
      zh: '当前等待任务的请求过多。本次未扣除任何积分,任务照常进行。请不带 wait 查询,或按 Retry-After 指示的时间等待。',
    },
    { retryAfterMs },
  )
