// An order without what its customer wrote: what is left is what it cost, how it was made, and how large it is.
import type { Order } from '../../upstream/adapter.ts'
import type { OrderDocument } from '../archive/orders.ts'
import type { RequestRow } from '../store.ts'

/** Null and empty, and not left out: versions of before read these fields. */
const noTexts = { prompt: null, imageUrls: [], endImageUrl: null } satisfies Record<
  keyof Pick<Order, 'prompt' | 'imageUrls' | 'endImageUrl'>,
  unknown
>

export const orderWithoutTexts = (order: RequestRow['order']): RequestRow['order'] => ({
  ...order,
  ...noTexts,
})

type Row = OrderDocument['request']

/** The same of an order as a file of the archive has it. What has lost its texts before stays as it is. */
export function documentWithoutTexts(document: OrderDocument, nowMs: number): OrderDocument {
  const { first_frame: frame } = document
  return {
    ...document,
    ...partWithoutTexts(document, nowMs),
    ...(frame && { first_frame: { ...frame, ...partWithoutTexts(frame, nowMs) } }),
  }
}

type Part = Pick<OrderDocument, 'request' | 'tasks' | 'attempts' | 'deliveries'>

function partWithoutTexts({ request, tasks, attempts, deliveries }: Part, nowMs: number): Part {
  return {
    request: {
      ...request,
      order_json: orderTextWithout(request['order_json']),
      callback_url: null,
      first_frame_url: null,
      text_removed_at: request['text_removed_at'] ?? nowMs,
    },
    tasks: tasks.map((task) => ({ ...task, error_detail: null })),
    attempts: attempts.map((attempt) => ({ ...attempt, detail: null })),
    deliveries: deliveries.map((delivery): Row => ({
      ...delivery,
      url: null,
      receiver: null,
      body: null,
      last_error: null,
    })),
  }
}

function orderTextWithout(stored: unknown): string {
  const order: unknown = JSON.parse(String(stored))
  return JSON.stringify(orderWithoutTexts(order as RequestRow['order']))
}
