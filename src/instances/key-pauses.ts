// A key that one instance was answered 429 with is left alone by all of them.
import { gt, sql } from '../db/drizzle.ts'
import type { Context } from '../context.ts'
import { configuredUpstreams } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { statement } from '../db/statement.ts'

interface KeyPause {
  readonly key: string
  readonly pausedUntil: number
}

/** Tells the others which keys this instance leaves alone, and leaves alone those that they do. Joins the transaction. */
export async function sharePauses({ upstreams, clock }: Context, tx: Tx): Promise<void> {
  const nowMs = clock.now()
  const known = new Map<string, number>()
  for (const row of await keyPauses(tx, { nowMs })) known.set(row.key, row.pausedUntil)
  for (const { name, keys } of configuredUpstreams(upstreams)) {
    const nameOf = (fingerprint: string): string => `${name} ${fingerprint}`
    for (const { fingerprint, pausedUntil } of keys.pauses(nowMs)) {
      if (pausedUntil <= (known.get(nameOf(fingerprint)) ?? 0)) continue
      await notePause(tx, { key: nameOf(fingerprint), pausedUntil })
    }
    for (const fingerprint of keys.fingerprints) {
      const untilMs = known.get(nameOf(fingerprint)) ?? 0
      if (untilMs > nowMs) keys.pause(fingerprint, 'all', { untilMs, nowMs })
    }
  }
}

const keyPauses = statement<KeyPause>('key_pauses', (read) => {
  const { keyPauses: pauses } = read.tables
  return read
    .select()
    .from(pauses)
    .where(gt(pauses.pausedUntil, sql.placeholder('nowMs')))
})

const notePause = statement('key_pause_note', (tx) => {
  const { keyPauses: pauses } = tx.tables
  return tx
    .insert(pauses)
    .values({ key: sql.placeholder('key'), pausedUntil: sql.placeholder('pausedUntil') })
    .onConflictDoUpdate({
      target: pauses.key,
      set: { pausedUntil: sql`${sql.placeholder('pausedUntil')}` },
    })
})
