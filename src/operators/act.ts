// Every change that an operator makes, with its row in the audit: one transaction for both.
import type { Context, TimedTx } from '../context.ts'
import type { Tx } from '../db/database.ts'

/** Who acts. */
export interface Actor {
  /** An operator's name, or `cli`. */
  readonly name: string
  /** The address of the request; null: none came over the network. */
  readonly origin: string | null
  /** The most credits that it may give back for one task; null: any number. */
  readonly refundMax: number | null
}

/** Whoever may run commands where the gateway is. */
export const commandLine: Actor = { name: 'cli', origin: null, refundMax: null }

/** What an act has done. */
interface Done<Result> {
  readonly result: Result
  /** Null: nothing was changed, so nothing is noted. */
  readonly changed: Change | null
}

export interface Change {
  /** The id of what was changed; null: the gateway as a whole. */
  readonly target: string | null
  /** Fields as they were, and as they are; without secrets. Left out: there was nothing, or there is nothing left. */
  readonly before?: object
  readonly after?: object
}

export interface Act<Result> {
  /** The operationId of the operator API that does the same. */
  readonly action: string
  work(tx: Tx, nowMs: number): Promise<Done<Result>>
}

/** Runs the work, and notes who did what to what. If either fails, nothing has happened. */
export async function act<Result>(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  by: Actor,
  { action, work }: Act<Result>,
): Promise<Result> {
  return await db.transaction(async (tx) => {
    const nowMs = clock.now()
    const { result, changed } = await work(tx, nowMs)
    if (changed) await note(tx, { by, action, changed, nowMs })
    return result
  })
}

/** For what is no transaction: its effect is there already. */
export async function noteAct(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  by: Actor,
  { action, changed }: { readonly action: string; readonly changed: Change },
): Promise<void> {
  await db.transaction(async (tx) => await note(tx, { by, action, changed, nowMs: clock.now() }))
}

/** Notes what is done in the transaction of a verb that opens its own. */
export async function noteIn(
  { tx, nowMs }: TimedTx,
  by: Actor,
  { action, changed }: { readonly action: string; readonly changed: Change },
): Promise<void> {
  await note(tx, { by, action, changed, nowMs })
}

interface Noted {
  readonly by: Actor
  readonly action: string
  readonly changed: Change
  readonly nowMs: number
}

async function note(tx: Tx, { by, action, changed, nowMs }: Noted): Promise<void> {
  const { target, before, after } = changed
  await tx.insert(tx.tables.acts).values({
    createdAt: nowMs,
    actor: by.name,
    origin: by.origin,
    action,
    target,
    before: before ? shown(before) : null,
    after: after ? shown(after) : null,
  })
}

/** Fields by the names that the operator API has for them: `credits_total`, `expires_at` in seconds. */
function shown(fields: object): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, value]) => {
    const snake = name.replace(/Max$/, '').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    const isTime = name.endsWith('At') && typeof value === 'number'
    return [snake, isTime ? Math.floor(value / 1000) : value] as const
  })
  return Object.fromEntries(entries)
}

/** The fields that a change names, as they are in a row. */
export const fieldsOf = <Row extends object>(row: Row, change: object): Partial<Row> =>
  Object.fromEntries(Object.entries(row).filter(([name]) => Object.hasOwn(change, name))) as Partial<Row>

/** Finds the id of an account or key that is given by another name. */
export type Named = string | ((tx: Tx) => Promise<string>)

export const idOf = async (tx: Tx, named: Named): Promise<string> =>
  typeof named === 'string' ? named : await named(tx)
