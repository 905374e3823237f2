// How many requests an account or a key may make within a minute, over all instances: each takes a part of them at a time.
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
  count(id: string, max: number): Promise<Counted | null>
  /** Whether the account's minute has no request left, as far as is known here. */
  isSpent(id: string, max: number): boolean
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
  readonly id: string
  readonly max: number
}

interface Wanted extends Asked {
  /** Requests that wait for the answer. */
  readonly waiting: number
}

type World = Pick<Context, 'db' | 'clock' | 'instances'>

export function createRequestCounts(ctx: World, whose: Whose = 'accounts'): RequestCounts {
  const { clock } = ctx
  const parts = new Map<string, Part>()
  const underWay = new Map<string, Promise<void>>()
  const waiting = new Map<string, number>()
  let restsUntil = -Infinity

  const take = async (asked: Asked): Promise<void> => {
    const part = await takePart(ctx, whose, { ...asked, waiting: waiting.get(asked.id) ?? 0 })
    if (parts.size >= rememberedMax) forgetEnded(parts, clock.now())
    parts.set(asked.id, part)
  }
  /** One question at a time for each account: those that come meanwhile share its answer. */
  const ask = async (asked: Asked): Promise<void> => {
    const { id } = asked
    waiting.set(id, (waiting.get(id) ?? 0) + 1)
    // In the next turn: those that came in this one are counted.
    const begin = async () => await nextTurn().then(async () => await take(asked))
    const asking = underWay.get(id) ?? begin().finally(() => underWay.delete(id))
    underWay.set(id, asking)
    try {
      await asking
    } finally {
      const left = (waiting.get(id) ?? 1) - 1
      if (left > 0) waiting.set(id, left)
      else waiting.delete(id)
    }
  }
  const partOf = ({ id, max }: Asked): { part: Part; leftMs: number } | null => {
    const part = parts.get(id)
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
    isSpent: (id, max) => partOf({ id, max })?.part.isSpent ?? false,
    async count(id, max) {
      const asked = { id, max }
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

async function takePart(
  { db, clock, instances }: World,
  whose: Whose,
  { id, max, waiting }: Wanted,
): Promise<Part> {
  const { countOf, putCount } = statementsOf[whose]
  const nowMs = clock.now()
  const share = Math.floor(max / (partsOfShare * instances.standing().count))
  const wanted = Math.max(1, share, waiting)
  return await db.transaction(async (tx): Promise<Part> => {
    const [row] = await countOf(tx, { id })
    const isOver = !row || row.endsAt <= nowMs || row.endsAt > nowMs + longestMs
    const { endsAt, taken } = isOver ? { endsAt: nowMs + windowMs, taken: 0 } : row
    const left = Math.max(0, Math.min(wanted, max - taken))
    if (left > 0) await putCount(tx, { id, endsAt, taken: taken + left })
    return { endsAt, max, left, isSpent: left === 0 }
  })
}

interface CountRow {
  readonly endsAt: number
  readonly taken: number
}

const statementsOf = {
  accounts: {
    countOf: statement<CountRow>('request_count', (read) => {
      const { requestCounts: counts } = read.tables
      const { endsAt, taken } = counts
      return read
        .select({ endsAt, taken })
        .from(counts)
        .where(eq(counts.accountId, sql.placeholder('id')))
    }),
    putCount: statement('request_count_put', (tx) => {
      const { requestCounts: counts } = tx.tables
      return tx
        .insert(counts)
        .values({ accountId: sql.placeholder('id'), ...counted })
        .onConflictDoUpdate({ target: counts.accountId, set: countedAnew })
    }),
  },
  keys: {
    countOf: statement<CountRow>('key_request_count', (read) => {
      const { keyRequestCounts: counts } = read.tables
      const { endsAt, taken } = counts
      return read
        .select({ endsAt, taken })
        .from(counts)
        .where(eq(counts.keyId, sql.placeholder('id')))
    }),
    putCount: statement('key_request_count_put', (tx) => {
      const { keyRequestCounts: counts } = tx.tables
      return tx
        .insert(counts)
        .values({ keyId: sql.placeholder('id'), ...counted })
        .onConflictDoUpdate({ target: counts.keyId, set: countedAnew })
    }),
  },
}

type Whose = keyof typeof statementsOf

const counted = { endsAt: sql.placeholder('endsAt'), taken: sql.placeholder('taken') }
const countedAnew = { endsAt: sql`${counted.endsAt}`, taken: sql`${counted.taken}` }

function forgetEnded(parts: Map<string, Part>, nowMs: number): void {
  for (const [id, { endsAt }] of parts) if (endsAt <= nowMs) parts.delete(id)
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
