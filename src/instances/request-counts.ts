// How many requests an account may make within a minute, over all instances: each takes a part of them at a time.
import { eq, sql } from '../db/drizzle.ts'
import type { Context } from '../context.ts'
import { statement } from '../db/statement.ts'

const windowMs = 60_000
/** The clocks of instances differ by milliseconds; a minute that ends later than this was begun by a wrong one. */
const longestMs = windowMs + 1_000
/** Each takes an eighth of its share at a time, or as many as wait: what it does not use is lost to the others. */
const partsOfShare = 8
/** The key of a request is read from the same store, which is waited for nearly as long; then nothing is asked for a while. */
const answerMaxMs = 15_000
const restMs = 5_000
/** Accounts whose minute is over are forgotten when more than these are remembered. */
const rememberedMax = 10_000

export interface Counted {
  readonly isAllowed: boolean
  /** Until the account's minute is over. */
  readonly leftMs: number
}

export interface RequestCounts {
  /** Counts a request; null if the store does not say in time how many were made. */
  count(accountId: string, max: number): Promise<Counted | null>
  /** Whether the account's minute has no request left, as far as is known here. */
  isSpent(accountId: string, max: number): boolean
}

/** What this instance has taken of an account's minute, and not used yet. */
interface Part {
  readonly endsAt: number
  readonly max: number
  /** There was nothing left to take. */
  readonly isSpent: boolean
  left: number
}

interface Asked {
  readonly accountId: string
  readonly max: number
}

interface Wanted extends Asked {
  /** Requests that wait for the answer. */
  readonly waiting: number
}

type World = Pick<Context, 'db' | 'clock' | 'instances'>

export function createRequestCounts(ctx: World): RequestCounts {
  const { clock } = ctx
  const parts = new Map<string, Part>()
  const underWay = new Map<string, Promise<void>>()
  const waiting = new Map<string, number>()
  let restsUntil = -Infinity

  const take = async (asked: Asked): Promise<void> => {
    const part = await takePart(ctx, { ...asked, waiting: waiting.get(asked.accountId) ?? 0 })
    if (parts.size >= rememberedMax) forgetEnded(parts, clock.now())
    parts.set(asked.accountId, part)
  }
  /** One question at a time for each account: those that come meanwhile share its answer. */
  const ask = async (asked: Asked): Promise<void> => {
    const { accountId } = asked
    waiting.set(accountId, (waiting.get(accountId) ?? 0) + 1)
    // In the next turn: those that came in this one are counted.
    const begin = async () => await nextTurn().then(async () => await take(asked))
    const asking = underWay.get(accountId) ?? begin().finally(() => underWay.delete(accountId))
    underWay.set(accountId, asking)
    try {
      await asking
    } finally {
      const left = (waiting.get(accountId) ?? 1) - 1
      if (left > 0) waiting.set(accountId, left)
      else waiting.delete(accountId)
    }
  }
  const partOf = ({ accountId, max }: Asked): { part: Part; leftMs: number } | null => {
    const part = parts.get(accountId)
    const leftMs = (part?.endsAt ?? 0) - clock.now()
    // A clock that was set back must not make the minute longer.
    return !part || part.max !== max || leftMs <= 0 || leftMs > longestMs ? null : { part, leftMs }
  }
  const fromPart = (asked: Asked): Counted | null => {
    const found = partOf(asked)
    if (!found) return null
    const { part, leftMs } = found
    if (part.isSpent) return { isAllowed: false, leftMs }
    if (part.left === 0) return null
    part.left -= 1
    return { isAllowed: true, leftMs }
  }

  return {
    isSpent: (accountId, max) => partOf({ accountId, max })?.part.isSpent ?? false,
    async count(accountId, max) {
      const asked = { accountId, max }
      const deadline = clock.monotonic() + answerMaxMs
      for (;;) {
        const counted = fromPart(asked)
        if (counted) return counted
        const nowMs = clock.monotonic()
        if (nowMs < restsUntil) return null
        if (await inTime(ask(asked), deadline - nowMs)) continue
        restsUntil = clock.monotonic() + restMs
        return null
      }
    },
  }
}

async function takePart({ db, clock, instances }: World, { accountId, max, waiting }: Wanted): Promise<Part> {
  const nowMs = clock.now()
  const share = Math.floor(max / (partsOfShare * instances.standing().count))
  const wanted = Math.max(1, share, waiting)
  return await db.transaction(async (tx): Promise<Part> => {
    const [row] = await countOf(tx, { accountId })
    const isOver = !row || row.endsAt <= nowMs || row.endsAt > nowMs + longestMs
    const { endsAt, taken } = isOver ? { endsAt: nowMs + windowMs, taken: 0 } : row
    const left = Math.max(0, Math.min(wanted, max - taken))
    if (left > 0) await putCount(tx, { accountId, endsAt, taken: taken + left })
    return { endsAt, max, left, isSpent: left === 0 }
  })
}

interface CountRow {
  readonly endsAt: number
  readonly taken: number
}

const countOf = statement<CountRow>('request_count', (read) => {
  const { requestCounts } = read.tables
  return read
    .select({ endsAt: requestCounts.endsAt, taken: requestCounts.taken })
    .from(requestCounts)
    .where(eq(requestCounts.accountId, sql.placeholder('accountId')))
})

const putCount = statement('request_count_put', (tx) => {
  const { requestCounts } = tx.tables
  const [endsAt, taken] = [sql.placeholder('endsAt'), sql.placeholder('taken')]
  return tx
    .insert(requestCounts)
    .values({ accountId: sql.placeholder('accountId'), endsAt, taken })
    .onConflictDoUpdate({
      target: requestCounts.accountId,
      set: { endsAt: sql`${endsAt}`, taken: sql`${taken}` },
    })
})

function forgetEnded(parts: Map<string, Part>, nowMs: number): void {
  for (const [accountId, { endsAt }] of parts) if (endsAt <= nowMs) parts.delete(accountId)
}

const nextTurn = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve))

/** False if it failed, or took too long. */
async function inTime(work: Promise<void>, maxMs: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), maxMs)
    work
      .then(
        () => resolve(true),
        () => resolve(false),
      )
      .finally(() => clearTimeout(timer))
  })
}
