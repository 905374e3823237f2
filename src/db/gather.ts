// Items of the same kind that come together are one work: they share its statements, not only its commit.
import type { Database, Tx } from './database.ts'
import { isRowHeld, isStoreUnavailable } from './errors.ts'

/** What became of one item of a work that was kept. A refused one has stored nothing. */
export type Outcome<Result> = { readonly done: Result } | { readonly refused: unknown }

export interface Gathering<Item, Result> {
  /** For the log and for tests. */
  readonly name: string
  /**
   * Handles all items in one transaction, and says what became of each, in their order. If it throws, nothing of it
   * is stored and the items are tried in smaller works, so that one alone fails in the end. Like every work, it may
   * run twice.
   */
  run(tx: Tx, items: readonly Item[]): Promise<readonly Outcome<Result>[]>
  /** See `TransactionOptions`. */
  readonly mayDelay?: boolean
}

/** More items than this in one work would hold up the works behind it. */
const itemsMax = 200
/** What waits for a store that is busy or away is refused after a while; later items do not share the time of the first. */
const openForMs = 100

interface Waiting {
  readonly item: unknown
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
}

interface Batch {
  readonly waiting: Waiting[]
  readonly openedAt: number
}

type AnyGathering = Gathering<never, unknown>

/** The batches that have not begun, and so take further items. */
const open = new WeakMap<Database['transaction'], Map<AnyGathering, Batch>>()

/** Adds the item to the next work of this kind, and resolves once that is committed. Throws like `transaction`. */
export async function gather<Item, Result>(
  db: Pick<Database, 'transaction'>,
  gathering: Gathering<Item, Result>,
  item: Item,
): Promise<Result> {
  return await new Promise<Result>((resolve, reject) => {
    add(db, gathering, { item, resolve, reject })
  })
}

function add(db: Pick<Database, 'transaction'>, gathering: AnyGathering, first: Waiting): void {
  const batches = open.get(db.transaction) ?? new Map<AnyGathering, Batch>()
  open.set(db.transaction, batches)
  const last = batches.get(gathering)
  const now = performance.now()
  if (last && last.waiting.length < itemsMax && now - last.openedAt < openForMs) {
    last.waiting.push(first)
    return
  }
  // With its first item from the start: a writer that finds nothing to wait for begins at once, and alone.
  const batch: Batch = { waiting: [first], openedAt: now }
  batches.set(gathering, batch)
  const close = (): void => {
    if (batches.get(gathering) === batch) batches.delete(gathering)
  }
  void run(db, gathering, { waiting: batch.waiting, close })
}

interface Part {
  readonly waiting: readonly Waiting[]
  /** Called when the work begins: what comes later is for the next one. */
  close(): void
}

async function run(
  db: Pick<Database, 'transaction'>,
  gathering: AnyGathering,
  { waiting, close }: Part,
): Promise<void> {
  let thrown: { readonly error: unknown } | null = null
  const work = async (tx: Tx) => {
    close()
    thrown = null
    try {
      return await gathering.run(tx, waiting.map(({ item }) => item) as never[])
    } catch (error) {
      thrown = { error }
      throw error
    }
  }
  try {
    const { mayDelay = false } = gathering
    const outcomes = await db.transaction(work, { mayDelay, items: () => waiting.length })
    for (const [at, each] of waiting.entries()) settle(each, outcomes[at])
  } catch (error) {
    close()
    const isOwn = (thrown as { readonly error: unknown } | null)?.error === error
    const mayBeOfOne = isRowHeld(error) || !isStoreUnavailable(error)
    if (waiting.length > 1 && isOwn && mayBeOfOne) await runHalves(db, gathering, waiting)
    else for (const { reject } of waiting) reject(error)
  }
}

async function runHalves(
  db: Pick<Database, 'transaction'>,
  gathering: AnyGathering,
  waiting: readonly Waiting[],
): Promise<void> {
  const middle = Math.ceil(waiting.length / 2)
  const halves = [waiting.slice(0, middle), waiting.slice(middle)]
  await Promise.all(
    halves.map(async (half) => await run(db, gathering, { waiting: half, close: () => undefined })),
  )
}

function settle({ resolve, reject }: Waiting, outcome: Outcome<unknown> | undefined): void {
  if (outcome && 'done' in outcome) resolve(outcome.done as never)
  else reject(outcome ? outcome.refused : new Error('a work said nothing of one of its items'))
}

interface ItemWork<Item, Result> {
  /** Items for which it is the same do not run side by side: one may have to see what the other has done. */
  apart(item: Item): string
  run(item: Item): Promise<Result>
}

/**
 * Runs a work for each item: side by side where statements are joined, elsewhere one after another. Throws the error of
 * one that fails, once none is under way any more.
 */
export async function forEachItem<Item, Result>(
  tx: Tx,
  items: readonly Item[],
  { apart, run: runOne }: ItemWork<Item, Result>,
): Promise<Outcome<Result>[]> {
  const outcomes: Outcome<Result>[] = []
  if (!tx.joins) {
    for (const item of items) outcomes.push({ done: await runOne(item) })
    return outcomes
  }
  for (const wave of wavesOf(items.map(apart))) {
    const runs = wave.map(async (at) => ({ at, done: await runOne(items[at] as Item) }))
    for (const ended of await Promise.allSettled(runs)) {
      if (ended.status === 'rejected') throw ended.reason
      outcomes[ended.value.at] = { done: ended.value.done }
    }
  }
  return outcomes
}

/** The positions of names, each wave without a name twice: the second of a name is in the second wave. */
function wavesOf(names: readonly string[]): number[][] {
  const waves: number[][] = []
  const seen = new Map<string, number>()
  for (const [at, name] of names.entries()) {
    const wave = seen.get(name) ?? 0
    seen.set(name, wave + 1)
    ;(waves[wave] ??= []).push(at)
  }
  return waves
}
