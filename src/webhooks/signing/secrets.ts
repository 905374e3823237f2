// The signing secrets of an account: created, shown once, and retired a day after their successor is created.
import { and, asc, eq, isNotNull, isNull, lte, sql } from '../../db/drizzle.ts'
import type { Context } from '../../context.ts'
import type { Connection, Tx } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import { GatewayError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import { seal, sealingKeyMade, sealingKeyOf, SealingRefused, unseal } from './sealing.ts'
import type { KeySource } from './sealing.ts'
import { examineProbe } from './probe.ts'
import { newSecret } from './sign.ts'
import { secretsAlive } from '../store.ts'
import type { SecretRow } from '../store.ts'

/** The previous secret also signs for this long, so that receivers can switch in their own time. */
const overlapMs = 24 * 60 * 60_000
/** Each makes every delivery longer. */
const aliveMax = 5

export interface NewSecret {
  readonly secret: string
  /** Until when older ones also sign; null if there were none. */
  readonly olderUntil: number | null
}

/** Throws rate_limited if too many are alive, and unavailable if nothing can be sealed. */
export async function renewSecret(ctx: Context, accountId: string): Promise<NewSecret> {
  const nowMs = ctx.clock.now()
  const secret = newSecret()
  const sealed = seal(await sealingKey(ctx), accountId, secret)
  return await ctx.db.transaction(async (tx) => {
    const { webhookSecrets } = tx.tables
    const alive = await secretsAlive(tx, { accountId, nowMs })
    const retiring = alive.flatMap(({ retiresAt }) => (retiresAt === null ? [] : [retiresAt]))
    if (alive.length >= aliveMax) throw tooMany(Math.min(...retiring) - nowMs)
    const olderUntil = nowMs + overlapMs
    await tx
      .update(webhookSecrets)
      .set({ retiresAt: olderUntil })
      .where(and(eq(webhookSecrets.accountId, accountId), isNull(webhookSecrets.retiresAt)))
    await insertSecret(tx, { accountId, sealed, nowMs })
    return { secret, olderUntil: alive.length === 0 ? null : olderUntil }
  })
}

/**
 * All secrets that sign for the account now; the first one is created here, because nothing is sent unsigned.
 * An older one that does not open is skipped. Throws SealingRefused if the newest does not open.
 */
export async function signingSecrets(ctx: Context, accountId: string): Promise<string[]> {
  const nowMs = ctx.clock.now()
  let rows = await secretsAlive(ctx.db.read, { accountId, nowMs })
  if (rows.length === 0) {
    const sealed = seal(await keyForSealing(ctx), accountId, newSecret())
    const make = async (tx: Tx) => {
      // If another one was created meanwhile, the index keeps that one.
      await insertSecret(tx, { accountId, sealed, nowMs }).onConflictDoNothing()
      return await secretsAlive(tx, { accountId, nowMs })
    }
    rows = await ctx.db.transaction(make, { mayDelay: true })
  }
  const key = sealingKeyOf(ctx.config)
  const [newest, ...older] = rows
  if (!newest) throw new SealingRefused(`There is no webhook secret of ${accountId}.`)
  return [unseal(key, accountId, newest.sealed), ...older.flatMap((row) => opened(key, row))]
}

function opened(key: Buffer, { accountId, sealed }: SecretRow): string[] {
  try {
    return [unseal(key, accountId, sealed)]
  } catch {
    return []
  }
}

/** To be awaited. An account has at most one secret without a retirement time. */
const insertSecret = (
  tx: Tx,
  { accountId, sealed, nowMs }: { accountId: string; sealed: string; nowMs: number },
) =>
  tx
    .insert(tx.tables.webhookSecrets)
    .values({ id: newId('sec', nowMs), accountId, sealed, createdAt: nowMs, retiresAt: null })

/**
 * The key file is created if it is missing. If anything is sealed already, a new key would only hide the loss
 * of the right one: throws SealingRefused.
 */
export async function keyForSealing({ db, config }: Context): Promise<Buffer> {
  return (await isAnySealed(db.read)) ? sealingKeyOf(config) : sealingKeyMade(config)
}

async function isAnySealed(read: Connection): Promise<boolean> {
  const { webhookSecrets, sealingProbe } = read.tables
  for (const table of [webhookSecrets, sealingProbe]) {
    if ((await read.select({ id: table.id }).from(table).limit(1)).length > 0) return true
  }
  return false
}

async function sealingKey(ctx: Context): Promise<Buffer> {
  try {
    return await keyForSealing(ctx)
  } catch (error) {
    ctx.log.error({ err: error }, 'no webhook secret can be made')
    throw cannotSeal(error)
  }
}

/** For `doctor`: checks that the newest secret of each account opens; returns how many there are. */
export async function examineSecrets(read: Connection, source: KeySource): Promise<number> {
  const { webhookSecrets } = read.tables
  if (!(await isAnySealed(read))) return 0
  const key = sealingKeyOf(source)
  await examineProbe(read, key)
  const newest = await read.select().from(webhookSecrets).where(isNull(webhookSecrets.retiresAt))
  for (const { accountId, sealed } of newest) unseal(key, accountId, sealed)
  return newest.length
}

/** Deletes up to `max` retired secrets. Returns how many it found. */
export async function forgetRetired(ctx: Context, max: number): Promise<number> {
  if (!ctx.time.mayEnd(overlapMs)) return 0
  const { webhookSecrets } = ctx.db.read.tables
  const nowMs = ctx.clock.now()
  const retired = and(isNotNull(webhookSecrets.retiresAt), lte(webhookSecrets.retiresAt, nowMs))
  const rows = await retiredBy(ctx.db.read, { nowMs, limit: max })
  if (rows.length === 0) return 0
  const forget = async (tx: Tx) => {
    for (const { id } of rows) await tx.delete(webhookSecrets).where(and(eq(webhookSecrets.id, id), retired))
  }
  await ctx.db.transaction(forget, { mayDelay: true })
  return rows.length
}

const retiredBy = statement<{ id: string }>('webhook_secrets_retired', (read) => {
  const { webhookSecrets } = read.tables
  return read
    .select({ id: webhookSecrets.id })
    .from(webhookSecrets)
    .where(and(isNotNull(webhookSecrets.retiresAt), lte(webhookSecrets.retiresAt, sql.placeholder('nowMs'))))
    .orderBy(asc(webhookSecrets.retiresAt))
    .limit(sql.placeholder('limit'))
})

const tooMany = (retryAfterMs: number) =>
  new GatewayError(
    'rate_limited',
    {
      en: `Secrets were renewed ${aliveMax - 1} times within a day, and all of them still sign. Nothing was changed. Try again when the oldest has retired.`,
      zh: `一天内已更换 ${aliveMax - 1} 次密钥,且它们仍在签名。未做任何更改。请在最旧的密钥失效后重试。`,
    },
    { retryAfterMs },
  )

const cannotSeal = (cause: unknown) =>
  new GatewayError(
    'unavailable',
    {
      en: 'Webhook secrets cannot be kept safe at the moment, so none was made. Nothing was changed or charged. The operator has to look at the log.',
      zh: '当前无法安全保存 Webhook 密钥,因此未生成新密钥。未更改任何内容,也未扣除积分。请联系运营方查看日志。',
    },
    { retryAfterMs: 60_000, cause },
  )
