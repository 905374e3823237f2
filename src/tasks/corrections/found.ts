// Finds the task that the operator corrects, or says why there is none to be corrected.
import { eq } from '../../db/drizzle.ts'
import type { Connection } from '../../db/database.ts'
import { GatewayError } from '../../errors.ts'
import type { TaskRow } from '../store.ts'

export async function taskOf(read: Connection, id: string): Promise<TaskRow | null> {
  const { tasks } = read.tables
  const [task] = await read.select().from(tasks).where(eq(tasks.id, id))
  return task ?? null
}

/** For an id that no charge names. */
export async function whyNotCharged(read: Connection, id: string): Promise<GatewayError> {
  return (await taskOf(read, id)) ? partOfOrder() : noSuchTask()
}

const noSuchTask = () =>
  new GatewayError(
    'not_found',
    { en: 'There is no task with this id. Nothing was changed.', zh: '没有这个 id 的任务。未作任何改动。' },
    { field: 'task_id' },
  )

const partOfOrder = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'This task is the first frame of an order and has no price of its own. Give the task that was ordered. Nothing was changed.',
      zh: '该任务是某订单的首帧,本身没有价格。请改用下单的任务。未作任何改动。',
    },
    { field: 'task_id' },
  )
