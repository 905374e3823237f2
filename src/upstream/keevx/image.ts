// Keevx's image_generate: its request and its result.
import type { Endpoint } from './endpoint.ts'
import { imageRules } from './errors.ts'

export const imageEndpoint: Endpoint = {
  operation: 'image_generate',
  rules: imageRules,

  requestOf(order) {
    return {
      prompt: order.prompt,
      ...(order.imageUrls.length > 0 && { reference_images: order.imageUrls }),
      module: order.params['module'],
      generate_count: order.count,
      image_quality: order.resolution,
      image_ratio: order.aspectRatio,
    }
  },

  resultOf(task) {
    if (task.image_url === null) return null
    return {
      imageUrl: task.image_url,
      videoUrl: null,
      thumbnailUrl: task.thumbnail_url,
      width: task.width,
      height: task.height,
      durationSeconds: null,
    }
  },
}
