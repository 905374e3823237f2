// The body of a create, from an order: "Open API", Create Task, with the fields of tollgate's contract.
import type { Order } from '../adapter.ts'

/** The only operation; its parameter `model_id` names a model of the site. */
export const createOperation = 'create'

export function requestOf(order: Order): Record<string, unknown> {
  return {
    model_id: order.params['model_id'],
    prompt: order.prompt,
    image_urls: order.imageUrls,
    ...(order.endImageUrl !== null && { end_image_url: order.endImageUrl }),
    aspect_ratio: order.aspectRatio,
    resolution: order.resolution,
    ...(order.durationSeconds !== null && { duration: order.durationSeconds }),
    ...(order.generateAudio !== null && { generate_audio: order.generateAudio }),
    generate_count: order.count,
  }
}
