// What Keevx really sends, read without trust: whatever does not have the documented shape is null.
import { z } from 'zod'
import type { CallbackHint } from '../adapter.ts'

/** Documented ids have 36 characters; far above that is no id, and would end up in rows and paths. */
const taskIdCharactersMax = 200
/** Signed storage URLs stay below 2000 characters. */
const urlCharactersMax = 4096

/** It becomes a part of a path: nothing invisible, no half characters, and not `..`. */
const taskId = z
  .string()
  .max(taskIdCharactersMax)
  .regex(/^(?!\.+$)[^\s\p{C}]+$/u)

const anyText = z.string().optional().catch(undefined)

/** Every JSON answer of Keevx. A `code` that is no whole number makes it something else. */
const envelope = z.object({ code: z.int(), msg: anyText, data: z.unknown().optional() })

export type Envelope = z.infer<typeof envelope>

export function readEnvelope(body: string): Envelope | null {
  return envelope.safeParse(parseJson(body)).data ?? null
}

const submitted = z.object({ task_ids: z.array(z.unknown()) })

/** The ids in the answer to a submit, each once; those that are no ids are left out. */
export function readTaskIds(data: unknown): string[] {
  const ids = submitted.safeParse(data).data?.task_ids ?? []
  return [...new Set(ids.flatMap((id) => taskId.safeParse(id).data ?? []))]
}

/**
 * Empty strings, relative paths and other schemes are no URL that a result could be fetched from. One with a user
 * name or password is the upstream's own, which no customer may see and the guard would not fetch.
 */
const httpUrl = z
  .string()
  .max(urlCharactersMax)
  .regex(/^https?:\/\/[^\s\p{Cc}]+$/iu)
  .refine((text) => URL.canParse(text) && !holdsCredentials(new URL(text)))
  .nullable()
  .catch(null)

const holdsCredentials = ({ username, password }: URL): boolean => username !== '' || password !== ''

const measure = z.number().positive().nullable().catch(null)

/** One task, as both query endpoints show it; fields that one of them never sends are null. */
const task = z.object({
  task_id: z.unknown().optional(),
  status: z.string(),
  image_url: httpUrl,
  video_url: httpUrl,
  thumbnail_url: httpUrl,
  error_message: anyText,
  width: measure,
  height: measure,
  duration: measure,
})

export type WireTask = z.infer<typeof task>

export function readTask(data: unknown): WireTask | null {
  return task.safeParse(data).data ?? null
}

const upload = z.object({
  code: z.literal(0),
  success: z.literal(true),
  result: z.object({ url: httpUrl }),
})

/** The URL of a stored file, or null where the answer is not the documented success. */
export function readUploadUrl(body: string): string | null {
  return upload.safeParse(parseJson(body)).data?.result.url ?? null
}

const callback = z.object({
  task_type: z.enum(['image_generate', 'image_to_video']),
  data: z.object({ task_id: taskId }),
})

/** Which task a callback speaks of. Keevx does not sign callbacks, so nothing else in it is read. */
export function readCallback(body: unknown): CallbackHint | null {
  const read = callback.safeParse(body).data
  return read ? { operation: read.task_type, upstreamTaskId: read.data.task_id } : null
}

/** What Keevx sends is three levels deep. */
const depthMax = 64

function parseJson(text: string): unknown {
  if (isDeeperThan(text, depthMax)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * JSON.parse takes a hundred times longer for brackets in brackets than for the same bytes in a row, and holds
 * everybody up for that long. So depth is counted first; what stands in strings is no bracket.
 */
function isDeeperThan(text: string, max: number): boolean {
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charCodeAt(at)
    if (sign === signs.quote) inString = !inString
    else if (inString) at += sign === signs.backslash ? 1 : 0
    else if (sign === signs.list || sign === signs.object) depth += 1
    else if (sign === signs.listEnd || sign === signs.objectEnd) depth -= 1
    if (depth > max) return true
  }
  return false
}

const signs = { quote: 34, backslash: 92, list: 91, object: 123, listEnd: 93, objectEnd: 125 } as const
