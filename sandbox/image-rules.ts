// The rules for a body of POST /v1/image_generate, from the image API's document.
import { z } from 'zod'
import { httpUrl, promptText, readIssues } from './rules.ts'
import type { Rules } from './rules.ts'

const imageBody = z.strictObject({
  prompt: promptText,
  /** Keevx silently drops the sixth image; the sandbox refuses it, so that the mistake is noticed. */
  reference_images: z.array(httpUrl).max(5).optional(),
  module: z.enum(['std', 'pro']).optional(),
  generate_count: z.int().min(1).max(8).optional(),
  image_quality: z.enum(['1K', '2K', '4K']).optional(),
  image_ratio: z.enum(['1:1', '3:2', '2:3', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9']).optional(),
  callback_url: httpUrl.optional(),
})

export const readImageBody: Rules = (body) => {
  const parsed = imageBody.safeParse(body, { reportInput: true })
  if (!parsed.success) return readIssues(parsed.error)
  const order = parsed.data
  return {
    kind: 'work',
    imageUrls: order.reference_images ?? [],
    work: {
      operation: 'image_generate',
      prompt: order.prompt,
      mode: order.module ?? 'std',
      size: order.image_quality ?? '2K',
      ratio: order.image_ratio ?? '9:16',
      durationSeconds: 0,
      count: order.generate_count ?? 1,
      callbackUrl: order.callback_url ?? null,
    },
  }
}
