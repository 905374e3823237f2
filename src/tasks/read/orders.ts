// Looks up an order as a whole: the request and the tasks of all its outputs.
import type { Connection } from '../../db/database.ts'
import { GatewayError } from '../../errors.ts'
import { requestById, tasksOfRequest } from '../store.ts'
import type { RequestRow, TaskRow } from '../store.ts'
import { listTasks } from './find.ts'

export interface WholeOrder {
  readonly request: RequestRow
  /** One for each output, in order; at least one. */
  readonly tasks: readonly TaskRow[]
}

/** Throws not_found in the same words for an order that does not exist and for one of another account. */
export async function findOrder(read: Connection, accountId: string, id: string): Promise<WholeOrder> {
  const [request] = await requestById(read, { id })
  const isTheirs = request?.accountId === accountId && request.firstFrameOf === null
  const tasks = isTheirs ? await tasksOfRequest(read, { requestId: id }) : []
  if (!request || tasks.length === 0) throw noSuchOrder()
  return { request, tasks }
}

export interface OrderPage {
  readonly orders: readonly WholeOrder[]
  /** For the next page; null on the last. */
  readonly next: string | null
}

/** Newest first. `before` is the `next` of the page before; a page looks at up to `tasksMax` tasks. */
export async function listOrders(
  read: Connection,
  accountId: string,
  { before, tasksMax }: { readonly before: string | null; readonly tasksMax: number },
): Promise<OrderPage> {
  const filter = { accountId, status: null, modelId: null, before, limit: tasksMax }
  const { rows, next } = await listTasks(read, filter)
  const ids = [...new Set(rows.map(({ requestId }) => requestId))]
  const orders: WholeOrder[] = []
  for (const id of ids) orders.push(await findOrder(read, accountId, id))
  // The tasks of an order have ids next to each other: those that did not fit are left out of the next page.
  return { orders, next: next === null ? null : (orders.at(-1)?.tasks[0]?.id ?? null) }
}

const noSuchOrder = () =>
  new GatewayError(
    'not_found',
    {
      en: 'There is no order with this id among those of your account.',
      zh: '您的账户下没有这个 id 的订单。',
    },
    { field: 'id' },
  )
