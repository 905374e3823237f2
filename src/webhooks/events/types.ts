// The event types of webhooks: when each is sent, and whether accounts get it by default.
import { eventTypes } from '../../db/tables.ts'

export type EventType = (typeof eventTypes)[number]

interface EventKind {
  /** For /openapi.json. */
  readonly description: string
  /**
   * Sent to accounts that have chosen nothing. True only for the types that existed before there was a choice,
   * and for those that come only where the operator has set something for it: a type that is added later must
   * not reach receivers that do not know it.
   */
  readonly isDefault: boolean
  /** Reports the progress of an open task: once the task has ended, it is no longer sent. */
  readonly isInterim: boolean
}

/** A type that is added to `eventTypes` does not compile until it is described here. */
export const eventKinds: Readonly<Record<EventType, EventKind>> = {
  'task.running': {
    description:
      'The task shows as running (`task_status` 2): it has begun upstream, or may have (its order was sent and the answer was lost). At most one for each task, and none is sent any more once it has ended. It may still arrive after the event of the end: the `task_status` of a task never goes back, so ignore an event with a lower one than you have seen.',
    isDefault: false,
    isInterim: true,
  },
  'task.succeeded': {
    description: 'The task has its result (`task_status` 3).',
    isDefault: true,
    isInterim: false,
  },
  'task.failed': {
    description: 'The task failed (`task_status` 4), and its credits came back.',
    isDefault: true,
    isInterim: false,
  },
  'balance.low': {
    description:
      'A charge has led the balance below the threshold that the operator has set (`low_balance`). `data` is `balance` and `low_balance`, and no task. Sent once for each time that it falls below, to the URL of the account.',
    isDefault: true,
    isInterim: false,
  },
}

/** The types for an account that has chosen nothing. */
export const defaultTypes: readonly EventType[] = eventTypes.filter((type) => eventKinds[type].isDefault)

export const isInterim = (type: EventType): boolean => eventKinds[type].isInterim
