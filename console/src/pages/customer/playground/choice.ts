// What an order may be: which values of a model's parameters go together, and what keeps one from being chosen.
import type { Answer } from '../../../api/client.ts'

export type Model = Answer<'/api/v1/models'>['models'][number]
type Combination = Model['combinations'][number]

/** Fields that have a value each, chosen out of a few. */
export const chosenFields = ['aspect_ratio', 'resolution', 'duration', 'generate_audio'] as const
export type ChosenField = (typeof chosenFields)[number]

export interface Order {
  readonly prompt: string
  readonly chosen: Readonly<Partial<Record<ChosenField, string | number | boolean>>>
  readonly images: readonly string[]
  readonly endImage: string | null
  readonly count: number
}

/** All values that any combination of the model has. */
export function valuesOf(model: Model, field: ChosenField): readonly (string | number | boolean)[] {
  if (field === 'generate_audio') {
    return model.combinations.some(({ generate_audio: may }) => may) ? [true, false] : []
  }
  const all = new Set(model.combinations.flatMap((each): readonly (string | number)[] => each[field]))
  return field === 'duration' ? [...all].toSorted((one, other) => Number(one) - Number(other)) : [...all]
}

/** The order of a task again, as far as the model still takes it. */
export function orderOf(model: Model, input: Readonly<Record<string, unknown>>): Order {
  const fresh = freshOrder(model, typeof input['prompt'] === 'string' ? input['prompt'] : '')
  const chosen = chosenFields.flatMap((field) =>
    valuesOf(model, field).includes(input[field] as never) ? [[field, input[field]] as const] : [],
  )
  const { image_urls: images, end_image_url: endImage } = input
  return {
    ...fresh,
    chosen: { ...fresh.chosen, ...Object.fromEntries(chosen) },
    images: Array.isArray(images) ? images.map(String) : [],
    endImage: typeof endImage === 'string' ? endImage : null,
  }
}

export function freshOrder(model: Model, prompt = ''): Order {
  const chosen = Object.fromEntries(
    chosenFields
      .filter((field) => valuesOf(model, field).length > 0)
      .map((field) => [field, model.parameters[field]?.default ?? valuesOf(model, field).at(-1)]),
  )
  const order: Order = { prompt, chosen, images: [], endImage: null, count: 1 }
  // Defaults of one route may be none of another's: the first combination that takes a text alone decides.
  if (model.combinations.some((each) => fits(each, order))) return order
  const [first] = model.combinations
  return first ? { ...order, chosen: { ...chosen, ...firstOf(first) } } : order
}

function firstOf(each: Combination): Order['chosen'] {
  const entries = (['aspect_ratio', 'resolution', 'duration'] as const)
    .map((field) => [field, each[field][0]] as const)
    .filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries)
}

/** What of a combination an order asks for; each can be left aside, to see whether it is what forbids a value. */
const checks = {
  aspect_ratio: (each: Combination, { chosen }: Order) => takes(each.aspect_ratio, chosen.aspect_ratio),
  resolution: (each: Combination, { chosen }: Order) => takes(each.resolution, chosen.resolution),
  duration: (each: Combination, { chosen }: Order) => takes(each.duration, chosen.duration),
  generate_audio: (each: Combination, { chosen }: Order) => !chosen.generate_audio || each.generate_audio,
  images: ({ images: { min, max } }: Combination, { images }: Order) =>
    images.length >= min && images.length <= max,
  end_image_url: (each: Combination, { endImage }: Order) => endImage === null || each.end_image_url,
  generate_count: (each: Combination, { count }: Order) => count <= each.generate_count_max,
} as const
export type Aspect = keyof typeof checks

const takes = (values: readonly (string | number)[], value: unknown): boolean =>
  value === undefined || values.length === 0 || values.includes(value as never)

const fits = (each: Combination, order: Order, without: Aspect | null = null): boolean =>
  Object.entries(checks).every(([name, check]) => name === without || check(each, order))

export const isPossible = (model: Model, order: Order): boolean =>
  model.combinations.some((each) => fits(each, order))

/** What keeps an order from being possible; null: nothing, or more than one thing. */
export function obstacle(model: Model, order: Order, changed: Aspect): Aspect | null {
  const others = Object.keys(checks).filter((name) => name !== changed) as Aspect[]
  return others.find((name) => model.combinations.some((each) => fits(each, order, name))) ?? null
}

/** The body of a create, without what the model's defaults say anyway being left out: it can be pasted elsewhere. */
export function bodyOf(model: Model, order: Order): Readonly<Record<string, unknown>> {
  return {
    model_id: model.id,
    prompt: order.prompt,
    ...order.chosen,
    ...(order.images.length > 0 ? { image_urls: order.images } : {}),
    ...(order.endImage === null ? {} : { end_image_url: order.endImage }),
    ...(order.count > 1 ? { generate_count: order.count } : {}),
  }
}
