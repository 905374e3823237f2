// Finished pictures in base64, for clients that show what is in an answer and do not follow links.
import type { Context } from '../../../../context.ts'
import type { Text } from '../../../../errors.ts'
import { headBytes, imageTypeOf } from '../../../../media/file-types.ts'
import { mediaPath } from '../../../../media/keep.ts'
import { servedFile } from '../../../../media/served.ts'
import { isMediaName } from '../../../../media/stores/blob-store.ts'
import { blobStoreOf } from '../../../../media/stores/blob-stores.ts'
import { createGate } from '../../../../media/uploads/concurrency-limit.ts'
import type { Gate } from '../../../../media/uploads/concurrency-limit.ts'
import { timeoutSignal } from '../../../../net/deadline.ts'
import { upstreamOfTask } from '../../../../tasks/read/find.ts'
import type { Memory } from '../../../bodies/memory.ts'
import { textFor } from '../../../wire/envelope.ts'
import type { Content, ToolCall } from '../call.ts'
import type { TaskView } from './show.ts'

/** Of one answer. Writing a longer one would hold the event loop up; and clients refuse it. */
const bytesMax = 3_000_000
const timeoutMs = 20_000
/** A picture, its text, and the answer around it. */
const memoryBytesEach = 16 * 1024 * 1024
const atOnceMax = 4
const atOnceOfAccountMax = 2

/** How many answers with pictures are made at the same time. */
export const pictureGate = (memory: Memory): Gate =>
  createGate({ max: memory.fitting(atOnceMax, memoryBytesEach), ofAccountMax: atOnceOfAccountMax })

/** For each finished picture itself, or a word why it is not there: the order is not to fail for it. */
export async function picturesOf(call: ToolCall, tasks: readonly TaskView[]): Promise<Content[]> {
  const made = tasks.filter(({ image_url: url }) => url !== null)
  if (made.length === 0) return []
  const leave = call.pictures.enter(call.caller.accountId)
  if (!leave) return made.map((task) => note(call, task))
  let left = bytesMax
  const shown: Content[] = []
  try {
    for (const task of made) {
      const picture = await readPicture(call, task, left).catch((error: unknown) => {
        call.request.log.info({ req: call.request.id, err: error }, 'a picture was not put into an answer')
        return null
      })
      left -= picture?.bytes.length ?? 0
      shown.push(picture ? imageOf(picture) : note(call, task))
    }
    return shown
  } finally {
    leave()
  }
}

interface Picture {
  readonly bytes: Buffer
  readonly mimeType: string
}

const imageOf = ({ bytes, mimeType }: Picture): Content => ({
  type: 'image',
  data: bytes.toString('base64'),
  mimeType,
})

/** Null if it is longer than `max`, or not there. Throws if it is no picture, or could not be read. */
async function readPicture({ ctx, mcp }: ToolCall, task: TaskView, max: number): Promise<Picture | null> {
  const url = task.image_url ?? ''
  const signal = AbortSignal.any([mcp.signal, timeoutSignal(timeoutMs)])
  const ours = `${ctx.config.publicUrl}${mediaPath}/`
  const body = url.startsWith(ours)
    ? await openOurs(ctx, url.slice(ours.length), { max, signal })
    : await openTheirs(ctx, task, { max, signal })
  if (!body) return null
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of body) {
    bytes += piece.length
    if (bytes > max) return null
    // A piece may be a part of a buffer that is used again.
    pieces.push(Buffer.from(piece))
  }
  const whole = Buffer.concat(pieces)
  const { contentType: mimeType } = await imageTypeOf(whole.subarray(0, headBytes))
  return { bytes: whole, mimeType }
}

interface Bounds {
  readonly max: number
  readonly signal: AbortSignal
}

async function openOurs(
  ctx: Context,
  name: string,
  { max, signal }: Bounds,
): Promise<AsyncIterable<Buffer> | null> {
  const file = isMediaName(name) ? await servedFile(ctx.db.read, name) : null
  if (!file || file.bytes > max) return null
  const blobs = blobStoreOf(ctx, file.store)
  return (await blobs?.read(file, { first: 0, last: file.bytes - 1 }, signal)) ?? null
}

async function openTheirs(
  ctx: Context,
  { task_id: id, image_url: url }: TaskView,
  { max, signal }: Bounds,
): Promise<AsyncIterable<Buffer> | null> {
  const name = await upstreamOfTask(ctx.db.read, id)
  const upstream = name === null ? undefined : ctx.upstreams.get(name)
  const answer = await ctx.guard.fetch(url ?? '', {
    timeoutMs,
    maxBytes: max,
    maxRedirects: 3,
    // A private upstream, such as the sandbox, has its results on the same private host.
    origins: upstream ? [upstream.settings.baseUrl] : [],
    signal,
  })
  if (answer.status === 200 && (answer.headers['content-encoding'] ?? 'identity') === 'identity')
    return answer.body
  answer.close()
  return null
}

const note = ({ request }: ToolCall, { task_id: id }: TaskView): Content => ({
  type: 'text',
  text: textFor(request, notShown(id)),
})

const notShown = (id: string): Text => ({
  en: `${id}: its picture is not in this answer: it is larger than ${bytesMax / 1_000_000} MB with the others, or could not be read at the moment. Download it by its link.`,
  zh: `${id}:此回答未包含该图片:连同其他图片超过 ${bytesMax / 1_000_000} MB,或暂时无法读取。请通过链接下载。`,
})
