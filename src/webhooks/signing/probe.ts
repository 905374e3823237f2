// Whether the sealing key of a starting gateway is that of its store: found out now, not by the first webhook.
import type { SQL } from 'drizzle-orm'
import { and, asc, eq, gt, like, or } from '../../db/drizzle.ts'
import { ConfigError } from '../../config/problems.ts'
import type { Context } from '../../context.ts'
import type { Connection, Tx } from '../../db/database.ts'
import type { SecretRow } from '../store.ts'
import {
  isSealedWith,
  keyFileIn,
  readKey,
  seal,
  sealedPrefix,
  sealingKeyOf,
  SealingRefused,
  unseal,
} from './sealing.ts'

/** In the place of an account. */
const probeOf = 'the store'
const probeRow = 1
/** Rows of one transaction, so that a large shop's customers do not wait behind all of them. */
const sliceMax = 200

interface Terms {
  /** The right key is lost, and the operator says that this one takes its place. */
  readonly isNewKey?: boolean
}

/**
 * For a gateway that starts, before it serves. A configured key must be the one of the store; secrets that the
 * key file beside it sealed before are sealed anew with the configured one. Throws ConfigError. Without a
 * configured key the file counts, and one that is wrong or gone is logged: all but webhooks can go on.
 */
export async function admitSealingKey(ctx: Context, { isNewKey = false }: Terms = {}): Promise<void> {
  const { sealingKey } = ctx.config
  if (sealingKey === null) return await lookAtFile(ctx, isNewKey)
  const key = sealingKeyOf(ctx.config)
  const former = keyInFile(ctx.config.dataDir)
  const requireKnown = async (read: Connection): Promise<void> => {
    if (!isNewKey && !(await isKnown(read, former ? [key, former] : [key]))) throw wrongKey()
  }
  await requireKnown(ctx.db.read)
  if (former && !former.equals(key)) await sealAnew(ctx, { former, key })
  await ctx.db.transaction(async (tx) => {
    // Another gateway that starts at the same time may have been first.
    await requireKnown(tx)
    await putProbe(tx, key)
  })
  await warnOfWaiting(ctx, key)
}

/** The probe decides. A store without one has secrets that say whose they are, or none. */
async function isKnown(read: Connection, keys: readonly Buffer[]): Promise<boolean> {
  const probe = await probeIn(read)
  if (probe !== null) return keys.some((each) => isSealedWith(each, probe))
  const { webhookSecrets } = read.tables
  const isOfOne = or(...keys.map((each) => like(webhookSecrets.sealed, `${sealedPrefix(each)}%`)))
  const anyOf = async (which?: SQL) =>
    (await read.select({ id: webhookSecrets.id }).from(webhookSecrets).where(which).limit(1)).length > 0
  return !(await anyOf()) || (await anyOf(isOfOne))
}

const wrongKey = (): ConfigError =>
  new ConfigError([
    'SEALING_KEY: this is not the key that sealed the webhook secrets of this store, and none of them would open. ' +
      'Nothing was changed. Give the key that was used before; where that was the file sealing.key of a DATA_DIR, ' +
      'name it in SEALING_KEY_FILE. If the key is lost for good, start once with tollgate serve --new-sealing-key: ' +
      'then webhooks wait until each customer has asked for a new secret.',
  ])

/** Each row says which key sealed it, so a gateway that is killed on the way goes on at its next start. */
async function sealAnew(ctx: Context, { former, key }: { former: Buffer; key: Buffer }): Promise<void> {
  const { webhookSecrets } = ctx.db.read.tables
  let after = ''
  let sealed = 0
  for (;;) {
    const rows: SecretRow[] = await ctx.db.read
      .select()
      .from(webhookSecrets)
      .where(and(gt(webhookSecrets.id, after), like(webhookSecrets.sealed, `${sealedPrefix(former)}%`)))
      .orderBy(asc(webhookSecrets.id))
      .limit(sliceMax)
    const last = rows.at(-1)
    if (!last) break
    await ctx.db.transaction(async (tx) => {
      for (const row of rows) {
        const { id, accountId } = row
        const text = unseal(former, accountId, row.sealed)
        await tx
          .update(tx.tables.webhookSecrets)
          .set({ sealed: seal(key, accountId, text) })
          .where(and(eq(tx.tables.webhookSecrets.id, id), eq(tx.tables.webhookSecrets.sealed, row.sealed)))
      }
    })
    after = last.id
    sealed += rows.length
  }
  if (sealed > 0) {
    const file = keyFileIn(ctx.config.dataDir)
    ctx.log.warn(
      { secrets: sealed, file },
      'webhook secrets were sealed anew, with SEALING_KEY instead of the file',
    )
  }
}

async function lookAtFile(ctx: Context, isNewKey: boolean): Promise<void> {
  const { read } = ctx.db
  const probe = await probeIn(read)
  try {
    if (isNewKey && probe !== null) {
      const key = sealingKeyOf(ctx.config)
      await ctx.db.transaction(async (tx) => await putProbe(tx, key))
    } else if (probe !== null) {
      unsealProbe(sealingKeyOf(ctx.config), probe)
    }
    const { webhookSecrets } = read.tables
    // Every id is behind the empty one: the first is found by the index.
    const isFirst = gt(webhookSecrets.id, '')
    const [any] = await read.select({ id: webhookSecrets.id }).from(webhookSecrets).where(isFirst).limit(1)
    if (any) await warnOfWaiting(ctx, sealingKeyOf(ctx.config))
  } catch (error) {
    if (!(error instanceof SealingRefused)) throw error
    ctx.log.error({ err: error }, 'webhooks wait, for their secrets cannot be opened')
  }
}

/** Accounts whose newest secret another key has sealed: the right one was lost. */
async function warnOfWaiting({ db, log }: Context, key: Buffer): Promise<void> {
  const { webhookSecrets } = db.read.tables
  const { id, sealed, retiresAt } = webhookSecrets
  let accounts = 0
  let after = ''
  for (;;) {
    const rows = await db.read
      .select({ id, sealed, retiresAt })
      .from(webhookSecrets)
      .where(gt(id, after))
      .orderBy(asc(id))
      .limit(sliceMax)
    accounts += rows.filter(
      (row) => row.retiresAt === null && !row.sealed.startsWith(sealedPrefix(key)),
    ).length
    const last = rows.at(-1)
    if (!last || rows.length < sliceMax) break
    after = last.id
  }
  if (accounts > 0)
    log.error({ accounts }, 'webhooks of these accounts wait until each has asked for a new secret')
}

/** Throws SealingRefused if the store has a probe that does not open with this key. */
export async function examineProbe(read: Connection, key: Buffer): Promise<void> {
  const probe = await probeIn(read)
  if (probe !== null) unsealProbe(key, probe)
}

async function probeIn(read: Connection): Promise<string | null> {
  const { sealingProbe } = read.tables
  const [row] = await read.select().from(sealingProbe).where(eq(sealingProbe.id, probeRow)).limit(1)
  return row?.sealed ?? null
}

async function putProbe(tx: Tx, key: Buffer): Promise<void> {
  const before = await probeIn(tx)
  if (before !== null && isSealedWith(key, before)) return
  const { sealingProbe } = tx.tables
  await tx.delete(sealingProbe)
  await tx.insert(sealingProbe).values({ id: probeRow, sealed: seal(key, probeOf, probeOf) })
}

function unsealProbe(key: Buffer, sealed: string): void {
  unseal(key, probeOf, sealed)
}

function keyInFile(dataDir: string): Buffer | null {
  try {
    return readKey(dataDir)
  } catch (error) {
    if (error instanceof SealingRefused) return null
    throw error
  }
}
