// Commits an upstream answer that cannot be asked for again, with retries while the store fails.
import type { Context } from '../../context.ts'
import { CommitUnknown } from '../../db/errors.ts'
import type { TransactionOptions, Tx } from '../../db/database.ts'
import { gather } from '../../db/gather.ts'
import type { Gathering } from '../../db/gather.ts'

/**
 * In total well below the lease of a submission, so that its answer is recorded before the lease ends; and below
 * what supervisors give a process that they stop, while a store that is away is not waited for otherwise.
 */
const pausesMs = [100, 300, 1_000, 3_000] as const

const unwritten = new WeakMap<Context, number>()

/** An answer to a submit is lost: it may be of paid work. */
export const noteUnwritten = (ctx: Context): void => void unwritten.set(ctx, unwrittenAnswers(ctx) + 1)

/** How many answers to submits this process could not write down. */
export const unwrittenAnswers = (ctx: Context): number => unwritten.get(ctx) ?? 0

/** Retries a transaction that certainly failed; throws at once if the outcome of the commit is unknown. */
export async function persist<Result>(ctx: Context, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  return await patiently(ctx, async (options) => await ctx.db.transaction(work, options))
}

/** The same for one of many items of a kind. */
export async function persistItem<Item, Result>(
  ctx: Context,
  gathering: Gathering<Item, Result>,
  item: Item,
): Promise<Result> {
  return await patiently(ctx, async () => await gather(ctx.db, gathering, item))
}

async function patiently<Result>(
  ctx: Context,
  attempt: (options: TransactionOptions) => Promise<Result>,
): Promise<Result> {
  for (const pauseMs of pausesMs) {
    try {
      return await attempt({ mayDelay: true })
    } catch (error) {
      if (error instanceof CommitUnknown) throw error
      ctx.log.warn(
        { err: error, pauseMs },
        'an answer of the upstream could not be written down; trying again',
      )
      await ctx.clock.sleep(pauseMs)
    }
  }
  return await attempt({})
}
