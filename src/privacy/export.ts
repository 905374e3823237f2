// An export: everything that is known of an account, as JSON lines, which can be taken up behind any line.
import { requireAccount } from '../accounts/accounts.ts'
import type { Context } from '../context.ts'
import { conflictsNow, GatewayError } from '../errors.ts'
import { archiveFiles, isOfAccount, ordersIn } from './archived.ts'
import { sections } from './sections.ts'
import type { Row } from './sections.ts'

const formatVersion = 1
const archive = 'archive'
const names = [...sections.map(({ name }) => name), archive]

/** Where a line stands: `entries:41`. */
export const exportCursor = /^[a-z_]{1,32}:[\w.-]{1,128}$/

export interface ExportLine {
  /** `export` first, `end` last: without that it is not whole. */
  readonly type: string
  /** What `after` takes up the export behind; of the first line empty. */
  readonly at: string
  readonly [more: string]: unknown
}

export const wholeLine: ExportLine = { type: 'end', at: 'end:whole', whole: true }

type Asked = Pick<Context, 'config' | 'db' | 'clock'>

interface Wanted {
  readonly accountId: string
  /** Null: from the start. */
  readonly after: string | null
}

/** Throws not_found, and invalid_request for a place that no export has; then nothing was read. */
export async function exportAccount(
  ctx: Asked,
  { accountId, after }: Wanted,
): Promise<AsyncGenerator<readonly ExportLine[]>> {
  await requireAccount(ctx.db.read, accountId)
  const [section = '', cursor = ''] = after === null ? [names[0]] : (split(after) ?? [])
  if (after !== null && after !== wholeLine.at && !isPlace(section, cursor)) throw noSuchPlace()
  return lines(ctx, { accountId, section, cursor, isFirst: after === null, isDone: after === wholeLine.at })
}

const split = (at: string): [string, string] | null =>
  exportCursor.test(at) ? [at.slice(0, at.indexOf(':')), at.slice(at.indexOf(':') + 1)] : null

/** What is no place would leave out a part, and the end would call it whole. */
const isPlace = (section: string, cursor: string): boolean =>
  section === archive
    ? archived.test(cursor)
    : (sections.find(({ name }) => name === section)?.cursors.test(cursor) ?? false)

const archived = /^(orders-[\w-]{1,64}\.jsonl\.gz)\.(\d{1,15})$/

interface Place {
  readonly accountId: string
  readonly section: string
  readonly cursor: string
  readonly isFirst: boolean
  readonly isDone: boolean
}

/** Page by page: the next is read when the reader has taken this one. */
async function* lines(ctx: Asked, place: Place): AsyncGenerator<readonly ExportLine[]> {
  const { accountId, isFirst, isDone } = place
  if (isFirst) {
    const header = {
      version: formatVersion,
      account_id: accountId,
      made_at: ctx.clock.now(),
      sections: names,
    }
    yield [{ type: 'export', at: '', ...header }]
  }
  const from = names.indexOf(place.section)
  for (const section of isDone ? [] : sections.slice(from)) {
    const after = section.name === place.section ? place.cursor : ''
    yield* ofSection(ctx, section, { accountId, after })
  }
  if (!isDone) yield* ofArchive(ctx, accountId, place.section === archive ? place.cursor : '')
  yield [wholeLine]
}

async function* ofSection(
  { db }: Asked,
  { name, page }: (typeof sections)[number],
  { accountId, after }: { readonly accountId: string; readonly after: string },
): AsyncGenerator<readonly ExportLine[]> {
  for (let cursor = after; ;) {
    const items = await page(db.read, { accountId, after: cursor })
    const last = items.at(-1)
    if (!last) return
    const found = items.flatMap(({ cursor: at, row }) => (row ? [lineOf(name, at, row)] : []))
    if (found.length > 0) yield found
    cursor = last.cursor
  }
}

const lineOf = (type: string, cursor: string, data: Row): ExportLine => ({
  type,
  at: `${type}:${cursor}`,
  data,
})

/** In the order of their files; a cursor is a file and the number of an order in it. */
async function* ofArchive(
  ctx: Asked,
  accountId: string,
  cursor: string,
): AsyncGenerator<readonly ExportLine[]> {
  const [, fileAfter = '', numberAfter = '-1'] = archived.exec(cursor) ?? []
  for (const file of archiveFiles(ctx)) {
    if (file < fileAfter) continue
    let number = -1
    for await (const order of ordersIn(ctx, file)) {
      number += 1
      if (file === fileAfter && number <= Number(numberAfter)) continue
      if (isOfAccount(order, accountId)) yield [lineOf(archive, `${file}.${number}`, { ...order })]
    }
  }
}

const noSuchPlace = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'after: no line of an export stands there. Give the `at` of the last line that arrived whole.',
      zh: 'after:导出中没有这一位置。请使用最后一行完整数据的 at。',
    },
    { field: 'after', detail: conflictsNow },
  )
