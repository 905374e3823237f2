// Sends callbacks like Keevx: one POST when a task ends, only to loopback, without a second try.
import { Agent } from 'undici'
import type { Clock } from '../src/clock.ts'
import type { Task, Tasks } from './tasks.ts'

export interface Callbacks {
  /** Registers these tasks for a callback when they end. */
  expect(tasks: readonly Task[]): void
  /** A task may have ended before its time. */
  wake(): void
  deliverDue(): Promise<number>
  /** Those that no receiver answered, and why. */
  readonly lost: readonly string[]
  close(): Promise<void>
}

export interface CallbacksOptions {
  readonly clock: Clock
  readonly tasks: Tasks
  readonly enabled: boolean
  /** Uses its own timers, not only `deliverDue`. */
  readonly timed: boolean
  /** A slower receiver counts as not reached. The time runs from when it is asked, not from when its turn is awaited. */
  readonly answerMs: number
}

const connectionsMax = 16
/** A stand-in may run for days. */
const lostMax = 100

export function createCallbacks({ clock, tasks, enabled, timed, answerMs }: CallbacksOptions): Callbacks {
  const waiting = new Set<Task>()
  const timers = new Set<NodeJS.Timeout>()
  const agent = new Agent({ connections: connectionsMax, headersTimeout: answerMs, bodyTimeout: answerMs })
  const closing = new AbortController()
  const lost: string[] = []

  async function post(url: string, body: unknown): Promise<void> {
    try {
      const { origin, pathname, search } = new URL(url)
      const answer = await agent.request({
        origin,
        path: `${pathname}${search}`,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: closing.signal,
      })
      await answer.body.dump()
    } catch (error) {
      // Keevx documents no second attempt: a callback that did not arrive is lost.
      if (lost.length < lostMax) lost.push(`${url}: ${String(error)}`)
    }
  }

  async function deliver(tasksThatMayBeDue: Iterable<Task>): Promise<number> {
    const due = [...tasksThatMayBeDue].filter((task) => waiting.has(task) && tasks.finalStatus(task) !== null)
    for (const task of due) waiting.delete(task)
    await Promise.all(due.map((task) => post(task.work.callbackUrl ?? '', tasks.announce(task))))
    return due.length
  }

  function deliverInTime(made: readonly Task[], endsAt: number): void {
    if (!Number.isFinite(endsAt)) return
    const timer = setTimeout(
      () => {
        timers.delete(timer)
        void deliver(made)
        // A timer may fire a moment early relative to the clock.
        if (clock.now() < endsAt) deliverInTime(made, endsAt)
      },
      Math.max(1, endsAt - clock.now()),
    )
    timers.add(timer.unref())
  }

  return {
    expect(made) {
      const first = made[0]
      if (!enabled || first === undefined || !isLoopback(first.work.callbackUrl)) return
      for (const task of made) waiting.add(task)
      if (timed) deliverInTime(made, first.endsAt)
    },
    wake() {
      if (timed) void deliver(waiting)
    },
    deliverDue: () => deliver(waiting),
    lost,
    async close() {
      for (const timer of timers) clearTimeout(timer)
      waiting.clear()
      closing.abort()
      await agent.destroy()
    },
  }
}

/** The sandbox never connects beyond this machine, whatever URL a request contains. */
function isLoopback(url: string | null): boolean {
  if (url === null) return false
  const { hostname } = new URL(url)
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}
