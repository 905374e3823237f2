// Calls of one statement that come together are sent as one.
import { isRefusal } from '../error-codes.ts'

/** More items than this would make the others of the process wait for one statement. */
const itemsMax = 500

type Rows = unknown[]

export interface Joinable {
  one(item: readonly unknown[]): Promise<Rows>
  /** Null: they are sent one by one, in their turn among those that are joined. */
  readonly each: ((items: readonly (readonly unknown[])[]) => Promise<Rows[]>) | null
  /** A read without values: all calls have the same answer. */
  readonly isShared: boolean
  /** Two items of the same row are never joined; null: any may be. */
  readonly rowOf: ((item: readonly unknown[]) => unknown) | null
}

export interface Joining {
  /** When the calls that have come are sent. */
  soon(send: () => void): void
  /** So many are under way at most; what comes meanwhile is joined. */
  readonly atOnceMax: number
  /** How long the next waits for one that is under way: the fewer statements, the less each call costs. */
  readonly waitsMs: number
  /** Whether each may be tried alone after all were refused together. */
  readonly triesAlone: boolean
}

/** Calls of one transaction: all that can come until the next answer have come when no promise is left to go on. */
export const inTransaction: Joining = {
  soon: (send) => process.nextTick(send),
  atOnceMax: Infinity,
  waitsMs: 0,
  triesAlone: false,
}

/** Calls of one turn of the event loop. */
export const inTurn: Joining = {
  soon: (send) => setImmediate(send),
  atOnceMax: 2,
  // An answer takes half a millisecond; one that reads from a disk must not hold up the others.
  waitsMs: 3,
  triesAlone: true,
}

interface Call {
  readonly item: readonly unknown[]
  readonly resolve: (rows: Rows) => void
  readonly reject: (error: unknown) => void
}

export function join(
  statement: Joinable,
  { soon, atOnceMax, waitsMs, triesAlone }: Joining,
): (item: readonly unknown[]) => Promise<Rows> {
  const run = runnerOf(statement, triesAlone)
  let waiting: Call[] = []
  let isSoon = false
  let underWay = 0
  let isLate = false
  let timer: NodeJS.Timeout | undefined
  const send = (): void => {
    isSoon = false
    while (waiting.length > 0 && underWay < atOnceMax) {
      const [now, later] = apart(waiting, statement.rowOf)
      waiting = later
      underWay += 1
      isLate = waitsMs === 0
      void run(now).finally(ended)
    }
  }
  const ended = (): void => {
    underWay -= 1
    if (waiting.length > 0) begin()
  }
  const begin = (): void => {
    if (isSoon || underWay >= atOnceMax) return
    if (underWay > 0 && !isLate) {
      timer ??= setTimeout(beginLate, waitsMs)
      return
    }
    clearTimeout(timer)
    timer = undefined
    isSoon = true
    soon(send)
  }
  const beginLate = (): void => {
    timer = undefined
    isLate = true
    if (waiting.length > 0) begin()
  }
  // Not async: each call of a hot statement would pay for two more promises.
  return (item) =>
    new Promise<Rows>((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      begin()
    })
}

/** Sends the calls that were put together, and tells each what became of it. */
function runnerOf(statement: Joinable, triesAlone: boolean): (calls: readonly Call[]) => Promise<void> {
  /** What is asked for without values has one answer. */
  const shared = async (calls: readonly Call[]): Promise<void> => {
    try {
      const rows = await statement.one([])
      for (const { resolve } of calls) resolve(rows)
    } catch (error) {
      for (const { reject } of calls) reject(error)
    }
  }
  const alone = async (calls: readonly Call[]): Promise<void> => {
    await Promise.all(
      calls.map(async ({ item, resolve, reject }) => await statement.one(item).then(resolve, reject)),
    )
  }
  return async (calls) => {
    if (statement.isShared) return await shared(calls)
    if (calls.length === 1 || !statement.each) return await alone(calls)
    try {
      const rows = await statement.each(calls.map(({ item }) => item))
      for (const [at, { resolve }] of calls.entries()) resolve(rows[at] ?? [])
    } catch (error) {
      if (triesAlone && isRefusal(error)) return await alone(calls)
      for (const { reject } of calls) reject(error)
    }
  }
}

/** Those that can be sent together, and the others, in the order in which they came. */
function apart(calls: readonly Call[], rowOf: Joinable['rowOf']): [Call[], Call[]] {
  const now: Call[] = []
  const later: Call[] = []
  const rows = new Set<unknown>()
  for (const call of calls) {
    const row = rowOf?.(call.item)
    if (now.length < itemsMax && (rowOf === null || !rows.has(row))) now.push(call)
    else later.push(call)
    rows.add(row)
  }
  return [now, later]
}
