// Makes redemption codes in batches, lists them, and voids what is not spent.
import { and, desc, eq, gt, inArray, isNotNull, isNull, lt, lte, or } from '../../db/drizzle.ts'
import type { SQL } from 'drizzle-orm'
import type { Context, InCommit } from '../../context.ts'
import type { Connection, Tx } from '../../db/database.ts'
import { cutPage, filteredPage } from '../../db/page.ts'
import type { Page } from '../../db/page.ts'
import type { Tables } from '../../db/tables.ts'
import { conflictsNow, GatewayError } from '../../errors.ts'
import { idAfterAll, newId } from '../../ids.ts'
import { hashOfCode, newCode, prefixOfCode } from './form.ts'

type CodeRow = Tables['codes']['$inferSelect']
export type CodeStatus = 'unused' | 'redeemed' | 'void' | 'expired'

/** More at once would keep other writes waiting. */
export const codesMax = 1_000
/** Rows in one statement: SQLite takes 32 766 values. */
const rowsAtOnce = 100

export interface NewCodes {
  /** What each of them is worth. */
  readonly credits: number
  readonly count: number
  readonly expiresAt: number | null
  /** For the operator alone. */
  readonly note: string | null
}

export interface MadeCodes {
  readonly batchId: string
  /** The only time that they are shown. */
  readonly codes: readonly string[]
}

/** Throws invalid_request if they would be expired. */
export async function makeCodes(
  ctx: Context,
  { credits, count, expiresAt, note }: NewCodes,
  inCommit?: InCommit<MadeCodes>,
): Promise<MadeCodes> {
  const nowMs = ctx.clock.now()
  if (expiresAt !== null && expiresAt <= nowMs) throw alreadyExpired()
  const made = Array.from({ length: count }, newCode)
  const batchId = newId('batch', nowMs)
  const rows = made.map((code) => {
    const secret = { hash: hashOfCode(code) ?? '', prefix: prefixOfCode(code) }
    return { id: newId('code', nowMs), batchId, ...secret, credits, expiresAt, createdAt: nowMs }
  })
  await ctx.db.transaction(async (tx) => {
    const { codeBatches, codes } = tx.tables
    await tx.insert(codeBatches).values({ id: batchId, note, createdAt: nowMs })
    for (let at = 0; at < rows.length; at += rowsAtOnce) {
      await tx.insert(codes).values(rows.slice(at, at + rowsAtOnce))
    }
    await inCommit?.({ tx, nowMs }, { batchId, codes: made })
  })
  return { batchId, codes: made }
}

export interface CodeFilter {
  readonly batchId: string | null
  readonly status: CodeStatus | null
  readonly before: string | null
  readonly limit: number
}

export interface ListedCode extends Omit<CodeRow, 'hash'> {
  readonly status: CodeStatus
  readonly note: string | null
}

/** Newest first. No index covers the status: with it, a page looks at a bounded number of codes. */
export async function listCodes(ctx: Context, filter: CodeFilter): Promise<Page<ListedCode>> {
  const { read } = ctx.db
  const { codes } = read.tables
  const nowMs = ctx.clock.now()
  const { batchId, status, limit } = filter
  const of = batchId === null ? undefined : eq(codes.batchId, batchId)
  const before = filter.before ?? idAfterAll('code')
  const page =
    status === null
      ? cutPage(
          await read
            .select()
            .from(codes)
            .where(and(of, lt(codes.id, before)))
            .orderBy(desc(codes.id))
            .limit(limit + 1),
          limit,
        )
      : await filteredPage<CodeRow>(read, {
          table: 'codes',
          of,
          wanted: hasStatus(read, status, nowMs),
          before,
          limit,
        })
  const notes = await notesOf(read, page.rows)
  return {
    ...page,
    rows: page.rows.map((row) => ({
      ...row,
      status: statusOf(row, nowMs),
      note: notes.get(row.batchId) ?? null,
    })),
  }
}

async function notesOf(read: Connection, rows: readonly CodeRow[]): Promise<Map<string, string | null>> {
  const { codeBatches } = read.tables
  const ids = [...new Set(rows.map(({ batchId }) => batchId))]
  if (ids.length === 0) return new Map()
  const batches = await read.select().from(codeBatches).where(inArray(codeBatches.id, ids))
  return new Map(batches.map(({ id, note }) => [id, note]))
}

function statusOf({ redeemedBy, voidedAt, expiresAt }: CodeRow, nowMs: number): CodeStatus {
  if (redeemedBy !== null) return 'redeemed'
  if (voidedAt !== null) return 'void'
  return expiresAt !== null && expiresAt <= nowMs ? 'expired' : 'unused'
}

/** The condition that matches `statusOf`. */
function hasStatus({ tables: { codes } }: Connection, status: CodeStatus, nowMs: number): SQL | undefined {
  const isOpen = and(isNull(codes.redeemedBy), isNull(codes.voidedAt))
  switch (status) {
    case 'redeemed':
      return isNotNull(codes.redeemedBy)
    case 'void':
      return isNotNull(codes.voidedAt)
    case 'expired':
      return and(isOpen, isNotNull(codes.expiresAt), lte(codes.expiresAt, nowMs))
    case 'unused':
      return and(isOpen, or(isNull(codes.expiresAt), gt(codes.expiresAt, nowMs)))
  }
}

/**
 * Voids what is left of a batch, or one code by its id or by itself. Returns how many were voided; those that were
 * redeemed stay so. Throws not_found.
 */
export async function voidCodes(
  ctx: Context,
  given: string,
  inCommit?: InCommit<readonly string[]>,
): Promise<number> {
  const nowMs = ctx.clock.now()
  return await ctx.db.transaction(async (tx) => {
    const { codes } = tx.tables
    const which = whichCodes(tx, given)
    const [some] = await tx.select({ id: codes.id }).from(codes).where(which).limit(1)
    if (!some) throw noSuchCodes()
    const voided = await tx
      .update(codes)
      .set({ voidedAt: nowMs })
      .where(and(which, isNull(codes.redeemedBy), isNull(codes.voidedAt)))
      .returning({ id: codes.id })
    await inCommit?.(
      { tx, nowMs },
      voided.map(({ id }) => id),
    )
    return voided.length
  })
}

function whichCodes({ tables: { codes } }: Tx, given: string): SQL {
  if (given.startsWith('batch_')) return eq(codes.batchId, given)
  const hash = hashOfCode(given)
  return hash === null ? eq(codes.id, given) : eq(codes.hash, hash)
}

const alreadyExpired = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'expires_at: lies in the past. No code was made.',
      zh: 'expires_at:该时间已过去。未创建兑换码。',
    },
    { field: 'expires_at', detail: conflictsNow },
  )

const noSuchCodes = () =>
  new GatewayError(
    'not_found',
    {
      en: 'There is no batch and no code with this id. Nothing was voided.',
      zh: '没有这个 id 的批次或兑换码。未作废任何兑换码。',
    },
    { field: 'id' },
  )
