// The rules for a body of POST /v1/image_to_video, from the video API's document, per model.
import { z } from 'zod'
import { httpUrl, promptText, readIssues } from './rules.ts'
import type { Rules } from './rules.ts'

const everyModel = {
  prompt: promptText,
  aspect_ratio: z.enum(['16:9', '9:16']),
  generate_count: z.int().min(1).max(4).optional(),
  callback_url: httpUrl.optional(),
}

const generalBody = z
  .strictObject({
    ...everyModel,
    model: z.literal('V'),
    aspect_resolution: z.enum(['720p', '1080p', '4k']),
    duration: z.literal([4, 6, 8]),
    image_url: httpUrl.optional(),
    end_image_url: httpUrl.optional(),
    reference_images: z.array(httpUrl).min(2).max(3).optional(),
    generate_audio: z.boolean().optional(),
  })
  .superRefine((body, context) => {
    const breach = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message })
    if (body.end_image_url !== undefined && body.image_url === undefined)
      breach('end_image_url', 'needs image_url, the start frame')
    if (body.reference_images === undefined) return
    if (body.image_url !== undefined) breach('reference_images', 'cannot be given together with image_url')
    if (body.duration !== 8) breach('duration', 'must be 8 with several images')
  })

const referencesBody = z.strictObject({
  ...everyModel,
  model: z.literal('KL'),
  aspect_resolution: z.enum(['720p', '1080p']),
  duration: z.literal([5, 10]),
  reference_images: z.array(httpUrl).min(1).max(7),
})

const startFrameBody = z.strictObject({
  ...everyModel,
  model: z.literal('S'),
  aspect_resolution: z.literal('720p'),
  duration: z.literal([4, 8, 12]),
  image_url: httpUrl,
})

const videoBody = z.discriminatedUnion('model', [generalBody, referencesBody, startFrameBody])

export const readVideoBody: Rules = (body) => {
  const parsed = videoBody.safeParse(body, { reportInput: true })
  if (!parsed.success) return readIssues(parsed.error)
  const order = parsed.data
  const frames = [
    'image_url' in order ? order.image_url : undefined,
    'end_image_url' in order ? order.end_image_url : undefined,
  ].filter((url) => url !== undefined)
  const references = 'reference_images' in order ? (order.reference_images ?? []) : []
  return {
    kind: 'work',
    imageUrls: [...frames, ...references],
    work: {
      operation: 'image_to_video',
      prompt: order.prompt,
      mode: order.model,
      size: order.aspect_resolution,
      ratio: order.aspect_ratio,
      durationSeconds: order.duration,
      count: order.generate_count ?? 1,
      callbackUrl: order.callback_url ?? null,
    },
  }
}
