// The rules of Keevx's documents, written a second time and in another way, to judge orders by.
import type { Order } from '../../src/upstream/adapter.ts'

/** What is wrong with an order, by the documents; empty where Keevx would take it. */
export function documentedFaults(order: Order): string[] {
  const faults: string[] = []
  const demand = (holds: boolean, rule: string) => {
    if (!holds) faults.push(rule)
  }
  const length = Array.from(order.prompt).length
  demand(
    length >= 1 && length <= 1000 && order.prompt.trim().length > 0,
    'prompt: required, at most 1000 characters',
  )
  if (order.operation === 'image_generate') imageTypeOf(order, demand)
  else videoTypeOf(order, demand)
  return faults
}

type Demand = (holds: boolean, rule: string) => void

function imageTypeOf(order: Order, demand: Demand) {
  demand(order.operation === 'image_generate', 'operation')
  demand(/^(std|pro)$/.test(order.params['module'] ?? ''), 'module: std or pro')
  demand(order.imageUrls.length <= 5, 'reference_images: at most 5')
  demand(order.count >= 1 && order.count <= 8, 'generate_count: 1 to 8')
  demand(/^[124]K$/.test(order.resolution), 'image_quality')
  demand(/^(1:1|3:2|2:3|3:4|4:3|4:5|5:4|9:16|16:9|21:9)$/.test(order.aspectRatio), 'image_ratio')
  demand(
    order.durationSeconds === null && order.generateAudio === null && order.endImageUrl === null,
    'no film',
  )
}

function videoTypeOf(order: Order, demand: Demand) {
  const { imageUrls, durationSeconds: seconds, endImageUrl } = order
  const given = imageUrls.length
  demand(order.operation === 'image_to_video', 'operation')
  demand(/^(16:9|9:16)$/.test(order.aspectRatio), 'aspect_ratio')
  demand(order.count >= 1 && order.count <= 4, 'generate_count: 1 to 4')
  switch (order.params['model']) {
    case 'V':
      demand(/^(720p|1080p|4k)$/.test(order.resolution), 'V: resolution')
      demand(given <= 3, 'V: at most 3 images')
      demand(given > 1 ? seconds === 8 : seconds === 4 || seconds === 6 || seconds === 8, 'V: duration')
      demand(endImageUrl === null || given === 1, 'V: an end frame needs one start frame')
      demand(typeof order.generateAudio === 'boolean', 'V: audio is said')
      return
    case 'KL':
      demand(/^(720p|1080p)$/.test(order.resolution), 'KL: resolution')
      demand(given >= 1 && given <= 7, 'KL: 1 to 7 images')
      demand(seconds === 5 || seconds === 10, 'KL: duration')
      demand(endImageUrl === null && order.generateAudio === null, 'KL: no end frame, no audio')
      return
    case 'S':
      demand(order.resolution === '720p', 'S: resolution')
      demand(given === 1, 'S: one start frame')
      demand(seconds === 4 || seconds === 8 || seconds === 12, 'S: duration')
      demand(endImageUrl === null && order.generateAudio === null, 'S: no end frame, no audio')
      return
    default:
      demand(false, 'model: V, KL or S')
  }
}
