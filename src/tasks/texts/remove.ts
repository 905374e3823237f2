// Removes from ended orders what their customers wrote: prompts, pictures, URLs, and texts that may quote them.
import { and, eq, inArray, isNotNull, isNull, sql } from '../../db/drizzle.ts'
import type { TimedTx } from '../../context.ts'
import type { Connection, Tx } from '../../db/database.ts'
import { holds } from '../../db/page.ts'
import { mediaPath } from '../../media/keep.ts'
import { expireUploads } from '../../media/uploads/rows.ts'
import type { Order } from '../../upstream/adapter.ts'
import { forgetDeliveriesOf } from '../../webhooks/deliveries.ts'
import type { RequestRow } from '../store.ts'
import { orderWithoutTexts } from './without.ts'

/**
 * Of these requests and of their first frames. The caller has made sure that nothing needs the texts any more; the
 * schema refuses it while a task is open.
 */
export async function removeTexts({ tx, nowMs }: TimedTx, ids: readonly string[]): Promise<void> {
  const { attempts, requests, tasks } = tx.tables
  const rows = await withFrames(tx, ids)
  for (const { id, order } of rows) {
    await tx
      .update(requests)
      .set({
        order: orderWithoutTexts(order),
        callbackUrl: null,
        firstFrameUrl: null,
        textRemovedAt: nowMs,
      })
      .where(and(eq(requests.id, id), isNull(requests.textRemovedAt)))
  }
  const all = rows.map(({ id }) => id)
  if (all.length === 0) return
  // What the upstream said may quote the prompt.
  await tx
    .update(attempts)
    .set({ detail: null })
    .where(and(inArray(attempts.requestId, all), isNotNull(attempts.detail)))
  await tx
    .update(tasks)
    .set({ errorDetail: null })
    .where(and(inArray(tasks.requestId, all), isNotNull(tasks.errorDetail)))
  const made = await tx.select({ id: tasks.id }).from(tasks).where(inArray(tasks.requestId, all))
  // Their URLs are the customer's, and their bodies show the task.
  await forgetDeliveriesOf(
    tx,
    made.map(({ id }) => id),
  )
  for (const row of rows) await removePictures({ tx, nowMs }, row)
}

async function withFrames(tx: Tx, ids: readonly string[]): Promise<RequestRow[]> {
  const { requests } = tx.tables
  if (ids.length === 0) return []
  const own = await tx
    .select()
    .from(requests)
    .where(inArray(requests.id, [...ids]))
  const frames = await tx
    .select()
    .from(requests)
    .where(and(isNotNull(requests.firstFrameOf), inArray(requests.firstFrameOf, [...ids])))
  return [...own, ...frames].filter(({ textRemovedAt }) => textRemovedAt === null)
}

/** Pictures that the customer uploaded for it, unless an open order of the account names them too. */
async function removePictures({ tx, nowMs }: TimedTx, { accountId, order }: RequestRow): Promise<void> {
  for (const name of picturesOf(order as unknown as Order)) {
    if (await isInOpenOrder(tx, accountId, name)) continue
    await expireUploads(tx, { accountId, name, nowMs })
  }
}

function picturesOf({ imageUrls, endImageUrl }: Order): string[] {
  const urls = [...imageUrls, ...(endImageUrl === null ? [] : [endImageUrl])]
  return urls.flatMap((url) => {
    const at = url.lastIndexOf(`${mediaPath}/`)
    return at === -1 ? [] : [url.slice(at + mediaPath.length + 1)]
  })
}

/** By the index of open tasks, which are few. */
async function isInOpenOrder(read: Connection, accountId: string, name: string): Promise<boolean> {
  const { requests, tasks } = read.tables
  const [open] = await read
    .select({ id: tasks.id })
    .from(tasks)
    .innerJoin(requests, eq(requests.id, tasks.requestId))
    .where(
      and(
        eq(tasks.accountId, accountId),
        isNull(tasks.finishedAt),
        holds(sql`CAST(${requests.order} AS text)`, name),
      ),
    )
    .limit(1)
  return open !== undefined
}
