// PostgreSQL behind the common interface: one writer for each process, and connections that only read.
import type { Connection, Database } from '../database.ts'
import type { OpenOptions } from '../dialect.ts'
import { connect } from './connect.ts'
import type { Runner } from './connect.ts'
import type { Place } from './migrate.ts'
import { hindranceOf } from './ownership.ts'
import { prepare } from './place.ts'
import type { Link } from './link/link.ts'
import { Pool } from './link/pool.ts'
import type { PoolTerms } from './link/pool.ts'
import { Transactions } from './transactions.ts'
import { Writer } from './writer.ts'
import type { WaitMax } from './writing/patience.ts'

const statementMs = 30_000
/** A foreign session may hold a row or the writers' lock; works that wait for it are looked after in between. */
const lockMs = 1_000
const beginMs = 3_000
const commitMs = 10_000
/** A process that stands still in a transaction holds up every other one. */
const idleMs = 3_000
const readLinksMax = 8
/** A statement takes milliseconds; of a process that ends, none is waited for that long. */
const silentMaxMs = 1_000
const lookAtSilentEveryMs = 100
const sizeEveryMs = 60_000

export const reading: PoolTerms = {
  name: 'tollgate reads',
  readOnly: true,
  statementMs,
  lockMs: 5_000,
  idleMs: 60_000,
  linksMax: readLinksMax,
}

interface PostgresOptions extends OpenOptions {
  readonly waitMax?: WaitMax
  readonly beginMs?: number
}

export async function openPostgres(place: Place, options: PostgresOptions): Promise<Database> {
  const upgrade = await prepare(place)
  if (upgrade) options.onUpgrade?.(upgrade)
  const pool = new Pool(place.url, reading)
  const bounds = { statementMs, lockMs, idleMs, beginMs: options.beginMs ?? beginMs, commitMs }
  const terms = { name: 'tollgate writes', pipelined: true, byIndex: true, ...bounds }
  const transactions = new Transactions(place.url, terms)
  const writer = new Writer({
    transactions,
    hindrance: () => hindranceOf(place),
    onFatal: options.onFatal,
    waitMax: options.waitMax,
  })
  const cutting = cutterOf(() => [...pool.inUse, ...(transactions.link ? [transactions.link] : [])])
  return {
    read: connect(pool),
    transaction: (work, given) => writer.add(work, given),
    snapshot: async (work) => await pool.use(async (link) => await snapshotOn(link, work)),
    // Asking the server costs as much as reading the key.
    rights: () => null,
    inPlace: () => true,
    backlog: () => writer.backlog(),
    hurry() {
      writer.hurry()
      transactions.hurry()
      pool.hurry()
      cutting.begin()
    },
    sizeBytes: sizeOf(pool),
    async close() {
      await writer.end()
      cutting.end()
      pool.close()
    },
  }
}

/** Ends connections to a server that stands still, once the process is to end: their time limits are much longer. */
function cutterOf(links: () => readonly Link[]) {
  let timer: NodeJS.Timeout | undefined
  const cut = (): void => {
    for (const link of links()) if (link.silentMs > silentMaxMs) link.cut()
  }
  return {
    begin: () => void (timer ??= setInterval(cut, lookAtSilentEveryMs).unref()),
    end: () => clearInterval(timer),
  }
}

/** The server adds it up file by file, so it is asked now and then; until it has answered, it is not known. */
function sizeOf(pool: Pool): () => number | null {
  let known: number | null = null
  let askedAt = -Infinity
  const ask = async (): Promise<void> => {
    const { rows } = await pool.run({ text: 'SELECT pg_database_size(current_database()) AS bytes' })
    known = (rows as { bytes: number }[])[0]?.bytes ?? null
  }
  const size = (): number | null => {
    const now = performance.now()
    if (now - askedAt >= sizeEveryMs) {
      askedAt = now
      ask().catch(() => undefined)
    }
    return known
  }
  size()
  return size
}

/** Reads one committed state, and nothing but reads. */
export async function snapshotOn<Result>(
  link: Runner,
  work: (read: Connection) => Promise<Result>,
): Promise<Result> {
  await link.run({ text: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' })
  try {
    return await work(connect(link))
  } finally {
    // It has changed nothing; if the connection is lost, so is the transaction.
    await link.run({ text: 'ROLLBACK' }).catch(() => undefined)
  }
}
