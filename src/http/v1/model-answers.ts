// The response schema of the catalogue.
import { z } from 'zod'

const value = z.union([z.string(), z.number(), z.boolean()])
const bothLanguages = z.object({ en: z.string(), zh: z.string() })

const modelAnswer = z
  .object({
    id: z.string(),
    name: z.string(),
    aliases: z.array(z.string()).meta({ description: 'Other ids that `model_id` may name.' }),
    capability: z.string(),
    task_type: z.enum(['image', 'video']),
    output: z.enum(['image_url', 'video_url']),
    parameters: z.record(
      z.string(),
      z.object({
        required: z.boolean(),
        type: z.enum(['string', 'integer', 'boolean', 'array']),
        default: value.optional(),
        values: z.array(value).optional(),
        min: z.int().optional(),
        max: z.int().optional(),
        note: bothLanguages.optional(),
      }),
    ),
    combinations: z.array(
      z.object({
        images: z.object({ min: z.int(), max: z.int() }),
        end_image_url: z.boolean(),
        aspect_ratio: z.array(z.string()),
        resolution: z.array(z.string()),
        duration: z.array(z.int()),
        generate_audio: z.boolean(),
        generate_count_max: z.int(),
        first_frame: z.literal(true).optional().meta({
          description: 'Here a first frame is made of the prompt, and the video of that.',
        }),
      }),
    ),
    price: z.object({
      credits: z.number().optional(),
      per_second: z.number().optional(),
      times: z.record(z.string(), z.record(z.string(), z.number())),
      plan_times: z
        .number()
        .optional()
        .meta({ description: 'A factor of all prices of this model for this account, by its plan.' }),
      text: bothLanguages,
    }),
    first_frame: z
      .object({
        model_id: z.string(),
        credits: z.object({ min: z.int(), max: z.int() }).meta({
          description: 'Once for each order without images, beside the price of the videos.',
        }),
      })
      .optional()
      .meta({ description: 'Of a model that needs an image and takes a text alone all the same.' }),
  })
  .meta({ id: 'Model' })

export const modelListAnswer = z.object({ models: z.array(modelAnswer) }).meta({ id: 'ModelList' })
