// What tasks were ordered with, as their owner may read it.
import type { Order } from '../../upstream/adapter.ts'
import type { Connection } from '../../db/database.ts'
import { requestById } from '../store.ts'
import type { RequestRow } from '../store.ts'

/** The fields of a create by the names of the tasks API; defaults are filled in, and pictures have their URLs. */
export interface Input {
  /** Null: it was removed. */
  readonly prompt: string | null
  readonly image_urls?: string[]
  readonly end_image_url?: string
  readonly aspect_ratio: string
  readonly resolution: string
  /** Seconds. */
  readonly duration?: number
  readonly generate_audio?: boolean
  readonly generate_count?: number
}

export function inputOf({ order }: Pick<RequestRow, 'order'>): Input {
  const { prompt, imageUrls, endImageUrl, aspectRatio, resolution, ...rest } = order as unknown as Order
  const { durationSeconds, generateAudio, count } = rest
  return {
    prompt,
    ...(imageUrls.length > 0 && { image_urls: [...imageUrls] }),
    ...(endImageUrl !== null && { end_image_url: endImageUrl }),
    aspect_ratio: aspectRatio,
    resolution,
    ...(durationSeconds !== null && { duration: durationSeconds }),
    ...(generateAudio !== null && { generate_audio: generateAudio }),
    ...(count !== 1 && { generate_count: count }),
  }
}

/** The same tasks, each with its `input`; the request of several tasks is read once. */
export async function withInputs<T extends { readonly request_id: string }>(
  read: Connection,
  tasks: readonly T[],
): Promise<(T & { readonly input?: Input })[]> {
  const ids = [...new Set(tasks.map((task) => task.request_id))]
  const requests = await Promise.all(ids.map(async (id) => await requestById(read, { id })))
  const inputs = new Map(requests.flat().map((request) => [request.id, inputOf(request)]))
  return tasks.map((task) => {
    const input = inputs.get(task.request_id)
    return input === undefined ? task : { ...task, input }
  })
}
