// Keevx's image_to_video: its request and its result.
import type { Order, Shape } from '../adapter.ts'
import type { Endpoint } from './endpoint.ts'
import { videoRules } from './errors.ts'

export const videoEndpoint: Endpoint = {
  operation: 'image_to_video',
  rules: videoRules,

  requestOf(order, shape) {
    return {
      model: order.params['model'],
      prompt: order.prompt,
      aspect_ratio: order.aspectRatio,
      aspect_resolution: order.resolution,
      duration: order.durationSeconds ?? shape.durations[0],
      ...imagesOf(order, shape),
      // The models without sound do not know the field.
      ...(shape.audio && order.generateAudio !== null && { generate_audio: order.generateAudio }),
      generate_count: order.count,
    }
  },

  resultOf(task) {
    if (task.video_url === null) return null
    return {
      imageUrl: null,
      videoUrl: task.video_url,
      thumbnailUrl: task.thumbnail_url,
      width: task.width,
      height: task.height,
      durationSeconds: task.duration,
    }
  },
}

function imagesOf(order: Order, shape: Shape): Record<string, unknown> {
  switch (shape.name) {
    case 'text':
      return {}
    case 'start_frame':
      return { image_url: order.imageUrls[0] }
    case 'start_and_end_frame':
      return { image_url: order.imageUrls[0], end_image_url: order.endImageUrl }
    case 'references':
      return { reference_images: order.imageUrls }
  }
}
