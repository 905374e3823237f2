// The life of a task: its states, what a client sees of them, and the moves that are allowed.
import type { taskStates } from '../db/tables.ts'

export type TaskState = (typeof taskStates)[number]

/** 1 queued, 2 running, 3 success, 4 failed, as the Open API numbers them. */
export type TaskStatus = 1 | 2 | 3 | 4

/**
 * An open task shows as queued until it may have begun upstream, and as running from then on:
 * `upstreamPending` is cleared once and never set again, so that the status that a client sees never goes
 * back.
 */
export function statusOf(task: { state: TaskState; upstreamPending: boolean }): TaskStatus {
  switch (task.state) {
    case 'queued':
    case 'submitting':
    case 'unknown':
    case 'running':
      return task.upstreamPending ? 1 : 2
    case 'storing':
      return 2
    case 'succeeded':
      return 3
    case 'failed':
      return 4
  }
}

/** Only success and failure never change again. */
export const hasEnded = ({ state }: { readonly state: TaskState }): boolean =>
  state === 'succeeded' || state === 'failed'

/** The states that a status may stand for, to filter lists; `upstreamPending` tells the first two apart. */
export function statesOf(status: TaskStatus): readonly TaskState[] {
  switch (status) {
    case 1:
      return ['queued', 'submitting', 'running']
    case 2:
      return ['queued', 'submitting', 'unknown', 'running', 'storing']
    case 3:
      return ['succeeded']
    case 4:
      return ['failed']
  }
}

/** The states from which each state may be entered. Every move checks them in its update condition. */
export const mayBecome = {
  submitting: ['queued'],
  queued: ['submitting', 'unknown'],
  // From queued: it was to be posted again, but a callback showed that it had been taken after all.
  unknown: ['submitting', 'queued'],
  // From unknown: an answer that came after its lease was given up still counts.
  running: ['submitting', 'unknown'],
  storing: ['running'],
  succeeded: ['running', 'storing'],
  // Not from storing: there is a result, which stays valid whatever becomes of its files.
  failed: ['queued', 'submitting', 'unknown', 'running'],
  /** Failed too, on request of its owner: only while it has not been posted. */
  cancelled: ['queued'],
} as const satisfies Partial<Record<TaskState | 'cancelled', readonly TaskState[]>>

/** Back to polling: the fetched file has turned out to be no result. */
export const mayReturn = { running: ['storing'] } as const satisfies Partial<
  Record<TaskState, readonly TaskState[]>
>
