// The answers to an image request, piece by piece: one JSON object, or one event for each picture.
import type { Context } from '../../../../context.ts'
import type { TaskColumns } from '../../../../tasks/read/view.ts'
import { openPictures } from './pictures.ts'
import type { Client, Picture } from './pictures.ts'

export interface Told {
  readonly size: string | undefined
  readonly quality: string | undefined
}

/** Tokens are not counted here; clients that read them get zeros. */
const usage = {
  input_tokens: 0,
  input_tokens_details: { image_tokens: 0, text_tokens: 0 },
  output_tokens: 0,
  total_tokens: 0,
}

const described = ({ size, quality }: Told, format: string) => ({
  size: size ?? 'auto',
  quality: quality ?? 'auto',
  background: 'opaque',
  output_format: format,
  usage,
})

/** For `response_format: url`: a small object. */
export function urlsAnswer(tasks: readonly TaskColumns[], created: number, told: Told) {
  const { output_format: _unknown, ...rest } = described(told, '')
  return { created, data: tasks.map(({ imageUrl }) => ({ url: imageUrl })), ...rest }
}

export interface Pieces {
  readonly pictures: readonly Picture[]
  readonly created: number
  readonly told: Told
}

/** Each picture is discarded when it has been sent, and all of them in any case. */
export async function* jsonPieces({ pictures, created, told }: Pieces): AsyncGenerator<string> {
  const rest = JSON.stringify(described(told, pictures[0]?.format ?? 'png'))
  try {
    yield `{"created":${created},"data":[`
    for (const [at, picture] of pictures.entries()) {
      yield `${at === 0 ? '' : ','}{"b64_json":"`
      yield* picture.base64()
      yield '"}'
      await picture.discard()
    }
    yield `],${rest.slice(1)}`
  } finally {
    for (const picture of pictures) await picture.discard()
  }
}

export interface CompletedEvent {
  readonly task: TaskColumns
  readonly type: 'image_generation.completed' | 'image_edit.completed'
  readonly created: number
  readonly told: Told
}

/** One event; a line of it is as long as a picture. */
export async function* completedPieces(
  ctx: Context,
  { task, type, created, told }: CompletedEvent,
  client: Client,
): AsyncGenerator<string> {
  const [picture] = await openPictures(ctx, [task], client)
  if (!picture) return
  try {
    const rest = JSON.stringify({ type, created_at: created, ...described(told, picture.format) })
    yield `event: ${type}\ndata: ${rest.slice(0, -1)},"b64_json":"`
    yield* picture.base64()
    yield '"}\n\n'
  } finally {
    await picture.discard()
  }
}
