// The life of a task: its states, what a client sees of them, and the moves that are allowed.
import type { taskStates } from '../db/tables.ts'

export type TaskState = (typeof taskStates)[number]

/** 1 queued, 2 running, 3 success, 4 failed, as the Open API numbers them. */
export type TaskStatus = 1 | 2 | 3 | 4

/**
 * A task that is not over shows as queued until something says that it may have begun, and from then on as running:
 * `upstreamPending` is taken away once and never given back, so that what a client sees never goes back.
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

/** Success and failure alone never change again. */
export const hasEnded = ({ state }: { readonly state: TaskState }): boolean =>
  state === 'succeeded' || state === 'failed'

/** The states a client's status may stand for, for filtering lists; `upstreamPending` parts the first two. */
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

/** From where a task may come into each state. Whoever moves a task names these in the update's condition. */
export const mayBecome = {
  submitting: ['queued'],
  queued: ['submitting', 'unknown'],
  // Queued: to be posted again, until a callback told that it had been taken after all.
  unknown: ['submitting', 'queued'],
  // An answer that came after its lease was given up is still an answer.
  running: ['submitting', 'unknown'],
  storing: ['running'],
  succeeded: ['running', 'storing'],
  // Not from storing: there is a result, and whatever becomes of its files, it is not taken back.
  failed: ['queued', 'submitting', 'unknown', 'running'],
  /** Failed too, at its owner's wish: for as long as it has not been posted. */
  cancelled: ['queued'],
} as const satisfies Partial<Record<TaskState | 'cancelled', readonly TaskState[]>>

/** Back to be asked about again: what was fetched has shown that it is no result. */
export const mayReturn = { running: ['storing'] } as const satisfies Partial<
  Record<TaskState, readonly TaskState[]>
>
