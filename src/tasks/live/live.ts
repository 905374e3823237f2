// Changes of many tasks at once, as they happen: of one account, or of all; found within a second, whoever made them.
import type { Context } from '../../context.ts'
import { statement } from '../../db/statement.ts'
import { hasEnded, statusOf } from '../state.ts'
import type { TaskStatus } from '../state.ts'
import { newestMax, newestRows, openRows, rowsById } from './rows.ts'
import type { LiveRow } from './rows.ts'

/** One loop serves all who follow. */
const tickMs = 400
/** Ids of other instances may be older than ours and be committed later; their clocks differ as well. */
const marginMs = 15_000
/** Beyond it nothing is made up for: whoever was away for so long loads its lists anew. */
const awayMaxMs = 60 * 60_000
/** How long a task that has ended is remembered, so that it is not told of again. */
const endedKeptMs = 2 * marginMs
/** Tasks that one feed remembers; of more the oldest are forgotten. */
const knownMax = 5_000

export interface LiveTask extends LiveRow {
  readonly status: TaskStatus
}

export interface Follower {
  /** `atMs`: with it, a follower that comes back is told what it has missed. */
  tell(changed: readonly LiveTask[], atMs: number): void
}

export interface Joined {
  readonly atMs: number
  /** What may have changed since the follower was here; null: more than can be told, or it is new. */
  readonly missed: readonly LiveTask[] | null
  leave(): void
}

export interface Live {
  /** `accountId`: null for the tasks of all. `sinceMs`: when it was told last; null: never. */
  join(accountId: string | null, sinceMs: number | null, follower: Follower): Promise<Joined>
  stop(): void
}

interface Seen {
  readonly status: TaskStatus
  readonly endedAtMs: number | null
}

interface Feed {
  readonly accountId: string | null
  readonly followers: Set<Follower>
  /** By id, in the order in which they were first seen. */
  readonly known: Map<string, Seen>
  /** Resolves when what there was at the beginning is known. */
  readonly begun: Promise<unknown>
}

type World = Pick<Context, 'db' | 'clock' | 'log' | 'metrics' | 'changes' | 'instances'>

export function createLive(ctx: World): Live {
  const feeds = new Map<string | null, Feed>()
  const stopping = new AbortController()
  const mayHaveChanged = createGate(ctx)
  let isRunning = false

  async function run(): Promise<void> {
    while (feeds.size > 0 && !stopping.signal.aborted) {
      await ctx.clock.sleep(tickMs, stopping.signal)
      if (stopping.signal.aborted) break
      try {
        if (!(await mayHaveChanged())) continue
        for (const feed of feeds.values()) await lookAndTell(ctx, feed)
      } catch (error) {
        ctx.metrics.loopErrors.inc({ loop: 'waiting' })
        ctx.log.error({ err: error }, 'tasks that are followed could not be read; they are read again')
      }
    }
    isRunning = false
  }

  function feedOf(accountId: string | null): Feed {
    const there = feeds.get(accountId)
    if (there) return there
    const known = new Map<string, Seen>()
    const begun = look(ctx, { accountId, known }, ctx.clock.now())
    const feed = { accountId, followers: new Set<Follower>(), known, begun }
    feeds.set(accountId, feed)
    return feed
  }

  return {
    async join(accountId, sinceMs, follower) {
      const feed = feedOf(accountId)
      feed.followers.add(follower)
      const leave = () => {
        feed.followers.delete(follower)
        if (feed.followers.size === 0 && feeds.get(accountId) === feed) feeds.delete(accountId)
      }
      try {
        await feed.begun
        const atMs = ctx.clock.now()
        const missed = sinceMs === null ? null : await missedSince(ctx, { accountId, sinceMs, atMs })
        if (!isRunning && feeds.size > 0) {
          isRunning = true
          void run()
        }
        return { atMs, missed, leave }
      } catch (error) {
        leave()
        throw error
      }
    },
    stop: () => stopping.abort(),
  }
}

/**
 * Whether there is reason to look. Alone on its store, a gateway is told of its own changes, and counts in the store
 * show those of commands: while nothing changes, one small read serves all who follow.
 */
function createGate({ db, changes, instances }: World): () => Promise<boolean> {
  let isTold = true
  let countsBefore = ''
  changes.listen(() => {
    isTold = true
  })
  return async () => {
    if (instances.id !== null) return true
    const counts = JSON.stringify(await allCounts(db.read, {}))
    const has = isTold || counts !== countsBefore
    isTold = false
    countsBefore = counts
    return has
  }
}

const allCounts = statement<{ name: string; value: number }>('live_counts', (read) =>
  read.select().from(read.tables.counters),
)

async function lookAndTell(ctx: World, feed: Feed): Promise<void> {
  await feed.begun
  const atMs = ctx.clock.now()
  const changed = await look(ctx, feed, atMs)
  if (changed.length > 0) for (const follower of feed.followers) follower.tell(changed, atMs)
  // Other work goes on between one account and the next.
  await new Promise((resolve) => setImmediate(resolve))
}

/** What has changed since the last look. */
async function look(
  { db: { read } }: World,
  { accountId, known }: Pick<Feed, 'accountId' | 'known'>,
  atMs: number,
): Promise<LiveTask[]> {
  const recent = await newestRows(read, accountId, accountId === null ? 0 : atMs - marginMs)
  const open = accountId === null ? [] : await openRows(read, { accountId })
  const rows = new Map([...open, ...recent].map((row) => [row.id, row]))
  const gone = [...known].filter(([id, { endedAtMs }]) => endedAtMs === null && !rows.has(id))
  for (const row of await rowsById(
    read,
    gone.map(([id]) => id),
  )) {
    rows.set(row.id, row)
  }
  // Archived since.
  for (const [id] of gone) if (!rows.has(id)) known.delete(id)
  const changed: LiveTask[] = []
  for (const row of [...rows.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const status = statusOf(row)
    if (known.get(row.id)?.status !== status) changed.push({ ...row, status })
    known.set(row.id, { status, endedAtMs: hasEnded(row) ? (known.get(row.id)?.endedAtMs ?? atMs) : null })
  }
  forget(known, { rows, atMs })
  return changed
}

function forget(
  known: Map<string, Seen>,
  { rows, atMs }: { readonly rows: ReadonlyMap<string, LiveRow>; readonly atMs: number },
): void {
  for (const [id, { endedAtMs }] of known) {
    // What is still read would be taken for new.
    if (rows.has(id)) continue
    const isOld = endedAtMs !== null && atMs - endedAtMs > endedKeptMs
    if (isOld || known.size > knownMax) known.delete(id)
  }
}

interface Absence {
  readonly accountId: string | null
  readonly sinceMs: number
  readonly atMs: number
}

/** Every open task, whose status may be another than then, and what was made or has ended since. */
async function missedSince(
  { db: { read } }: World,
  { accountId, sinceMs, atMs }: Absence,
): Promise<LiveTask[] | null> {
  if (sinceMs > atMs + marginMs || atMs - sinceMs > awayMaxMs) return null
  const newest = await newestRows(read, accountId, 0)
  const from = sinceMs - marginMs
  const oldest = newest.at(-1)
  // An older one may have ended since.
  if (newest.length >= newestMax && oldest && oldest.createdAt > from - awayMaxMs) return null
  const open = accountId === null ? [] : await openRows(read, { accountId })
  const rows = new Map([...newest, ...open].map((row) => [row.id, row]))
  return [...rows.values()]
    .filter(({ createdAt, finishedAt }) => finishedAt === null || finishedAt >= from || createdAt >= from)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((row) => ({ ...row, status: statusOf(row) }))
}
