// The ends of a move in a PostgreSQL database.
import { StoreBusy } from '../errors.ts'
import { codes, hasCode } from '../postgres/error-codes.ts'
import { Link } from '../postgres/link/link.ts'
import type { LinkTerms } from '../postgres/link/link.ts'
import { lockSpace, writerLock } from '../postgres/link/locks.ts'
import { hasTable } from '../postgres/link/tables.ts'
import type { MoveSource, MoveTarget, SliceTerms } from './end.ts'
import { makeMarkTable, markTable, readMark } from './mark.ts'
import type { Filling, Mark, MovedAway } from './mark.ts'
import { keyColumns, quoted } from './shapes.ts'
import type { ColumnShape, Row, TableShape } from './shapes.ts'

/** Another process that writes has so long to end. */
const lockMs = 5_000
const moving: LinkTerms = { name: 'tollgate moves', statementMs: 10 * 60_000, lockMs, idleMs: 60_000 }

type Asked = Pick<Link, 'ask'>

export async function markOn(link: Asked): Promise<Mark | null> {
  if (!(await hasTable(link, markTable))) return null
  const [row] = await link.ask<{ mark: string }>(`SELECT mark FROM ${markTable}`)
  return readMark(row?.mark)
}

export async function postgresSource(url: string): Promise<MoveSource> {
  const link = await openAlone(url)
  return {
    mark: async () => await markOn(link),
    slice: async (shape, terms) => await readSlice(link, shape, terms),
    markMoved: async (mark) => await change(link, { work: async () => await setMark(link, mark) }),
    close: async () => link.close(),
  }
}

export async function postgresTarget(url: string): Promise<MoveTarget> {
  const link = await openAlone(url)
  return {
    mark: async () => await markOn(link),
    slice: async (shape, terms) => await readSlice(link, shape, terms),
    async begin(mark, filled) {
      const before = filled.map((table) => `DELETE FROM ${quoted(table)}`).join('; ')
      await change(link, { before, work: async () => await setMark(link, mark) })
    },
    put: async (shape, rows, mark) =>
      // Of the user: the server's own triggers, which hold references, stay. Undone with the transaction.
      await change(link, {
        before: `ALTER TABLE ${quoted(shape.name)} DISABLE TRIGGER USER`,
        async work() {
          await insert(link, shape, rows)
          await link.run({ text: `UPDATE ${markTable} SET mark = $1`, values: [JSON.stringify(mark)] })
        },
        after: `ALTER TABLE ${quoted(shape.name)} ENABLE TRIGGER USER`,
      }),
    settleNumbers: async (shapes) => await settleNumbers(link, shapes),
    storable: (row) => row.map((value) => value?.replaceAll('\0', '\uFFFD') ?? null),
    finish: async () => void (await link.run({ text: `DROP TABLE ${markTable}` })),
    close: async () => link.close(),
  }
}

/** Holds the lock of writers for as long as the connection lives. */
async function openAlone(url: string): Promise<Link> {
  const link = await Link.open(url, moving)
  try {
    await link.run({ text: `SELECT pg_advisory_lock(${lockSpace}, ${writerLock})` })
    return link
  } catch (error) {
    link.close()
    throw hasCode(error, codes.lockNotAvailable) ? new StoreBusy(lockMs, whoHoldsIt) : error
  }
}

const whoHoldsIt =
  'Look for a session that is in a transaction (SELECT * FROM pg_stat_activity), end it and try again.'

interface Change {
  /** Statements without values, which share a round trip with the beginning and the end. */
  readonly before?: string
  work(): Promise<void>
  readonly after?: string
}

async function change(link: Link, { before = '', work, after = '' }: Change): Promise<void> {
  try {
    await link.run({ text: `BEGIN ISOLATION LEVEL READ COMMITTED; ${before}` })
    await work()
    await link.run({ text: `${after}; COMMIT` })
  } catch (error) {
    if (link.isOpen) await link.run({ text: 'ROLLBACK' })
    throw error
  }
}

async function setMark(link: Link, mark: Filling | MovedAway): Promise<void> {
  if (!(await markOn(link))) await link.run({ text: makeMarkTable })
  await link.run({ text: `DELETE FROM ${markTable}` })
  await link.run({ text: `INSERT INTO ${markTable} (mark) VALUES ($1)`, values: [JSON.stringify(mark)] })
}

const types = { text: 'text', integer: 'bigint', flag: 'boolean' } as const

/** A column at a time: a statement has room for 65 535 values. */
async function insert(link: Link, { name, columns }: TableShape, rows: readonly Row[]): Promise<void> {
  const names = columns.map((column) => quoted(column.name)).join(', ')
  const arrays = columns.map(({ type }, at) => `$${at + 1}::${types[type]}[]`).join(', ')
  const values = columns.map((_, at) => rows.map((row) => row[at] ?? null))
  await link.run({ text: `INSERT INTO ${quoted(name)} (${names}) SELECT * FROM unnest(${arrays})`, values })
}

async function readSlice(link: Link, shape: TableShape, { after, limit }: SliceTerms): Promise<Row[]> {
  const keys = keyColumns(shape)
  // With the table before them: a bare name would sort by what is selected, which is text.
  const names = keys.map(({ name }) => `t.${quoted(name)}`).join(', ')
  const wanted = keys.map(({ type }, at) => `$${at + 1}::${types[type]}`).join(', ')
  const { rows } = await link.run({
    text: `SELECT ${shape.columns.map(asText).join(', ')} FROM ${quoted(shape.name)} t
      ${after === null ? '' : `WHERE (${names}) > (${wanted})`} ORDER BY ${names} LIMIT ${limit}`,
    values: after ?? [],
    rowMode: 'array',
  })
  return rows as Row[]
}

const asText = ({ name, type }: ColumnShape): string =>
  type === 'flag' ? `t.${quoted(name)}::integer::text` : `t.${quoted(name)}::text`

async function settleNumbers(link: Link, shapes: readonly TableShape[]): Promise<void> {
  for (const shape of shapes) {
    const [key, ...more] = keyColumns(shape)
    if (!key || more.length > 0 || key.type !== 'integer') continue
    const sequence = `pg_get_serial_sequence('${shape.name}', '${key.name}')`
    await link.run({
      text: `SELECT setval(${sequence}, max(t.${quoted(key.name)})) FROM ${quoted(shape.name)} t
        HAVING max(t.${quoted(key.name)}) IS NOT NULL AND ${sequence} IS NOT NULL`,
    })
  }
}
