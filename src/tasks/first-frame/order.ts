// An order as it is posted: as it was charged, with the first frame that was made for it.
import type { Order } from '../../upstream/adapter.ts'
import type { RequestRow } from '../store.ts'

export function orderToPost({ order, firstFrameUrl }: Pick<RequestRow, 'order' | 'firstFrameUrl'>): Order {
  const charged = order as unknown as Order
  return firstFrameUrl === null ? charged : { ...charged, imageUrls: [firstFrameUrl] }
}
