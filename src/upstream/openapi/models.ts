// The catalogue of a site of the tasks API, GET /models, as modes that orders are checked against.
import { z } from 'zod'
import type { Mode, Shape } from '../adapter.ts'

const combination = z.object({
  images: z.object({ min: z.int().min(0), max: z.int().min(0) }),
  end_image_url: z.boolean(),
  aspect_ratio: z.array(z.string()).min(1),
  resolution: z.array(z.string()).min(1),
  duration: z.array(z.int().min(1)),
  generate_audio: z.boolean(),
  generate_count_max: z.int().min(1),
  first_frame: z.unknown().optional(),
})

const parameter = z.object({ default: z.union([z.string(), z.number(), z.boolean()]).optional() })

const model = z.object({
  id: z.string().min(1),
  task_type: z.enum(['image', 'video']),
  parameters: z.record(z.string(), parameter),
  combinations: z.array(combination).min(1),
})

const answer = z.object({ code: z.literal(200), data: z.object({ models: z.array(z.unknown()) }) })

/** The models of a site by their ids, each with one mode for each of its combinations that is sold on. */
export type SiteModels = Readonly<Record<string, readonly Mode[]>>

/** Null: not the catalogue of such a site. Models that cannot be read are left out. */
export function siteModelsIn(body: unknown): SiteModels | null {
  const { data } = answer.safeParse(body)
  if (!data) return null
  const models = data.data.models.flatMap((one) => model.safeParse(one).data ?? [])
  const modes = models.map(
    (one) => [one.id, one.combinations.filter(isSoldOn).map((each) => modeOf(one, each))] as const,
  )
  return Object.fromEntries(modes.filter(([, ofModel]) => ofModel.length > 0))
}

/**
 * A text alone that the site makes a first frame for costs there more than the same order with an image, which no price
 * of ours can say. Who wants it has `compose: first_frame` here, and both steps are ordered from the site.
 */
const isSoldOn = ({ first_frame: isComposed }: Combination): boolean => !isComposed

type SiteModel = z.output<typeof model>
type Combination = z.output<typeof combination>

function modeOf({ task_type: taskType, parameters }: SiteModel, one: Combination): Mode {
  const defaultOf = (name: string, values: readonly string[]): string => {
    const value = String(parameters[name]?.default)
    return values.includes(value) ? value : (values[0] ?? '')
  }
  return {
    taskType,
    countMax: one.generate_count_max,
    aspectRatios: one.aspect_ratio,
    resolutions: one.resolution,
    defaults: {
      aspectRatio: defaultOf('aspect_ratio', one.aspect_ratio),
      resolution: defaultOf('resolution', one.resolution),
    },
    shapes: [shapeOf(one, parameters['duration']?.default)],
  }
}

function shapeOf(
  { images, end_image_url: endImage, duration, generate_audio: audio }: Combination,
  usual: unknown,
): Shape {
  const isUsual = (seconds: number) => seconds === usual
  return {
    name: nameOf(images.max, endImage),
    images,
    endImage,
    // The first is the default.
    durations: [...duration.filter(isUsual), ...duration.filter((seconds) => !isUsual(seconds))],
    audio,
  }
}

function nameOf(imagesMax: number, endImage: boolean): Shape['name'] {
  if (endImage) return 'start_and_end_frame'
  if (imagesMax === 0) return 'text'
  return imagesMax === 1 ? 'start_frame' : 'references'
}
