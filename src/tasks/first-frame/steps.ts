// The steps of an order that makes its first frame first, as its owner sees them.
import type { Connection } from '../../db/database.ts'
import { statusOf } from '../state.ts'
import type { TaskStatus } from '../state.ts'
import type { TaskRow } from '../store.ts'
import { frameOf } from './rows.ts'

export interface Step {
  readonly step: 'first_frame' | 'video'
  /** As `task_status`; a video whose first frame failed has failed with it. */
  readonly status: TaskStatus
  readonly model_id: string
}

type Stepped = Pick<TaskRow, 'requestId' | 'modelId' | 'state' | 'upstreamPending' | 'step'>

/** Null for a task of one step. The URL of the first frame is not shown: it names the upstream's host. */
export async function stepsOf(read: Connection, task: Stepped): Promise<Step[] | null> {
  const frame = task.step === 'video' ? await frameOf(read, task.requestId) : null
  if (!frame) return null
  return [
    { step: 'first_frame', status: statusOf(frame.task), model_id: frame.task.modelId },
    { step: 'video', status: statusOf(task), model_id: task.modelId },
  ]
}

const queued: TaskStatus = 1

/** As a create answers them, and each repetition of it. */
export const firstStepsOf = (frameModelId: string, modelId: string): Step[] => [
  { step: 'first_frame', status: queued, model_id: frameModelId },
  { step: 'video', status: queued, model_id: modelId },
]
