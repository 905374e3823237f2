// Keeps the files of the archive in DATA_DIR free of what is to be gone: erased accounts, and texts whose time is over.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { ownerOnly, syncToDisk } from '../disk/sync.ts'
import { archiveFolder } from '../tasks/archive/archive.ts'
import { replaceFile } from '../tasks/archive/file.ts'
import type { OrderDocument } from '../tasks/archive/orders.ts'
import { documentWithoutTexts } from '../tasks/texts/without.ts'
import { archiveFiles, ordersIn } from './archived.ts'
import { removed } from './begin.ts'
import { listedIds } from './list.ts'
import type { Place } from './list.ts'

/** What is known of a file, so that it is read once for each new reason. */
interface Cleaned {
  /** So many of the list of erased accounts were looked for in it. */
  readonly accounts: number
  /** No order in it has texts. */
  readonly texts: boolean
}

type CleanedFiles = Readonly<Record<string, Cleaned>>

const linesAtOnce = 200

/** Looks at the next file that may hold what is to be gone. False: there is none. */
export async function cleanNextArchive(
  ctx: Pick<Context, 'config' | 'clock' | 'time'>,
  place: Place = ctx.config,
): Promise<boolean> {
  const ids = listedIds(place)
  const files = archiveFiles(ctx)
  const cleaned = cleanedIn(ctx)
  const next = files.find((name) => {
    const { accounts = 0, texts = false } = cleaned[name] ?? {}
    return accounts < ids.length || (!texts && isTextOver(ctx, name))
  })
  if (next === undefined) return false
  const texts = isTextOver(ctx, next) || (cleaned[next]?.texts ?? false)
  await cleanFile(ctx, next, { erased: new Set(ids), texts })
  const known = Object.fromEntries(Object.entries(cleaned).filter(([name]) => files.includes(name)))
  note(ctx, { ...known, [next]: { accounts: ids.length, texts } })
  return true
}

/** Its orders had all ended when it was begun, and its name says when that was. */
function isTextOver(
  { config, clock, time }: Pick<Context, 'config' | 'clock' | 'time'>,
  name: string,
): boolean {
  const { promptsMs } = config.privacy
  if (promptsMs === null || !time.mayEnd(promptsMs)) return false
  const [, date = '', at = ''] = /^orders-(\d{8})T(\d{6})Z-/.exec(name) ?? []
  const day = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`
  const begunAt = Date.parse(`${day}T${at.slice(0, 2)}:${at.slice(2, 4)}:${at.slice(4)}Z`)
  return begunAt + promptsMs <= clock.now()
}

interface Reasons {
  readonly erased: ReadonlySet<string>
  /** Whether every order loses its texts. */
  readonly texts: boolean
}

/** Only a file in which something is to be gone is written anew; until the new one is whole, the old one stands. */
async function cleanFile(
  ctx: Pick<Context, 'config' | 'clock'>,
  name: string,
  reasons: Reasons,
): Promise<void> {
  if (!(await holdsSome(ctx, name, reasons))) return
  const file = await replaceFile(archiveFolder(ctx), name)
  try {
    let lines: string[] = []
    for await (const order of ordersIn(ctx, name)) {
      lines.push(JSON.stringify(cleanOrder(order, reasons, ctx.clock.now())))
      if (lines.length < linesAtOnce) continue
      await file.add(lines)
      lines = []
    }
    if (lines.length > 0) await file.add(lines)
    await file.finish()
  } catch (error) {
    await file.discard().catch(() => undefined)
    throw error
  }
}

async function holdsSome(ctx: Pick<Context, 'config'>, name: string, reasons: Reasons): Promise<boolean> {
  for await (const order of ordersIn(ctx, name)) {
    if (isErased(order, reasons) || (reasons.texts && hasTexts(order))) return true
  }
  return false
}

const isErased = ({ request }: OrderDocument, { erased }: Reasons): boolean =>
  erased.has(String(request['account_id']))

const hasTexts = ({ request }: OrderDocument): boolean => typeof request['text_removed_at'] !== 'number'

function cleanOrder(order: OrderDocument, reasons: Reasons, nowMs: number): OrderDocument {
  if (isErased(order, reasons)) return erasedDocument(documentWithoutTexts(order, nowMs))
  return reasons.texts && hasTexts(order) ? documentWithoutTexts(order, nowMs) : order
}

const urls = ['image_url', 'video_url', 'audio_url', 'thumbnail_url']

/** As the store has the orders of an erased account. */
function erasedDocument(document: OrderDocument): OrderDocument {
  const { first_frame: frame } = document
  const withoutUrls = (task: OrderDocument['request']) =>
    Object.fromEntries(
      Object.entries(task).map(([name, value]) => [
        name,
        urls.includes(name) && value !== null ? removed : value,
      ]),
    )
  return {
    ...document,
    tasks: document.tasks.map(withoutUrls),
    entries: document.entries.map((entry) => ({ ...entry, note: null, public_note: null })),
    deliveries: [],
    ...(frame && { first_frame: { ...frame, tasks: frame.tasks.map(withoutUrls), deliveries: [] } }),
  }
}

const notesPlace = (ctx: Pick<Context, 'config'>): string => join(archiveFolder(ctx), 'cleaned.json')

/** Lost notes cost a look into each file. */
function cleanedIn(ctx: Pick<Context, 'config'>): CleanedFiles {
  const path = notesPlace(ctx)
  if (!existsSync(path)) return {}
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as CleanedFiles
  } catch {
    return {}
  }
}

function note(ctx: Pick<Context, 'config'>, files: CleanedFiles): void {
  const path = notesPlace(ctx)
  writeFileSync(`${path}.new`, JSON.stringify(files), { mode: ownerOnly })
  syncToDisk(`${path}.new`)
  renameSync(`${path}.new`, path)
  syncToDisk(archiveFolder(ctx))
}
