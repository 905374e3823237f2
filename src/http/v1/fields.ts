// Fields that several answers share, each with the example that the documents show of it.
import { z } from 'zod'

/** One order, so that the examples of all routes tell the same story. */
export const sample = {
  taskId: 'task_0mx2l3mzx003tu8ble8rxlibzcy',
  requestId: 'req_0mx2l3mzx00b7v1d9q4kf6hs2wme',
  accountId: 'acc_0mx2l3gws00jxwmxuwmqkyfcauf',
  keyId: 'key_0mx2l3h1d00xk6r9v2c5t8p3n7b4',
  messageId: 'msg_0mx2l3pk900q8d4z1y7m5c2j6h3a',
  modelId: 'gpt-image-2',
  prompt: 'a serene zen garden at sunrise, ultra detailed',
  imageUrl: 'https://gateway.example/media/Zq3V0yJb8mX1nT5cKfR7wLdE2uHsPa9G.png',
  receiverUrl: 'https://shop.example/hooks/pictures',
  createdAt: 1_796_000_000,
  finishedAt: 1_796_000_042,
} as const

/** A field whose value has no form that the schema could tell. */
export const text = (example: string) => z.string().meta({ examples: [example] })

export const whole = (example: number) => z.int().meta({ examples: [example] })

export const taskId = text(sample.taskId)
export const taskParams = z.strictObject({ task_id: taskId })
export const requestId = text(sample.requestId)
export const modelId = text(sample.modelId)

export const credits = whole(15).meta({ description: 'Whole credits.' })
export const seconds = whole(sample.createdAt).meta({ description: 'Unix seconds.' })

export const nextCursor = text(sample.taskId)
  .nullable()
  .meta({ description: 'For the next page; null on the last.', examples: [null] })

const statusNames = ['queued', 'running', 'success', 'failed'] as const

/** In words that generators of clients make names of. */
export const taskStatus = z.literal([1, 2, 3, 4]).meta({
  id: 'TaskStatus',
  description: '1 queued, 2 running, 3 success, 4 failed.',
  override: {
    type: 'integer',
    'x-enum-varnames': statusNames.map((name) => name.toUpperCase()),
    'x-enum-descriptions': [
      'Waits in our queue, or in the upstream’s.',
      'Has begun, or may have.',
      'Has its result.',
      'Has failed, and its credits came back.',
    ],
  },
  examples: [3],
})

/** For a parameter whose text is read as a `task_status`. */
export const asTaskStatus = ({ jsonSchema }: { jsonSchema: object }): void => {
  for (const name of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, name)
  Object.assign(jsonSchema, { $ref: '#/components/schemas/TaskStatus' })
}
