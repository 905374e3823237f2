// `tollgate restored`: after a store was put back by other tools than ours, holds back the orders that waited in it.
import { holdQueued } from '../../../tasks/rescue/restored.ts'
import { neverLate, verifyLedger } from '../../../ledger/verify.ts'
import { StoreRefused } from '../../../db/errors.ts'
import { existingStore } from '../../../db/store-at.ts'
import { endAllSessions } from '../../../sessions/sessions.ts'
import { print, say } from '../../output/exit.ts'
import type { OutputOptions } from '../../output/exit.ts'
import { settingsOfStore } from '../../settings.ts'
import { withStore } from '../../with-store.ts'
import { eraseAtOnce } from '../../../privacy/erasing.ts'
import { listedIds } from '../../../privacy/list.ts'
import { erasedWords, heldWords, unknownSince } from './restore.ts'

/** No gateway may serve it: those orders would be posted while they are held back. */
export async function restored(options: OutputOptions): Promise<void> {
  const store = await existingStore(settingsOfStore().databaseUrl)
  const ownership = await store.own()
  try {
    await withStore(async ({ config, db }) => {
      const nowMs = Date.now()
      const { ok, entries, drift } = await verifyLedger(db, nowMs, neverLate)
      if (!ok) {
        throw new StoreRefused(
          `${store.name} breaks ${drift.length} promises of the ledger, and nothing was changed. The first: ` +
            `${drift[0]?.check} (${drift[0]?.id}). Put back another copy.`,
        )
      }
      await db.transaction(endAllSessions)
      const held = await holdQueued(db, { config, nowMs })
      const erased = await eraseAtOnce(db, listedIds(config), nowMs)
      const notices = [
        ...(erased.length > 0 ? [erasedWords(erased)] : []),
        held.requests === 0 ? 'No order waited in it to be posted.' : heldWords(held),
        `What happened after the moment that was put back is not known here: ${unknownSince}`,
      ]
      print(options, { store: store.name, entries, held, erased, notices }, [
        `${store.name}: ${entries} entries add up.`,
      ])
      if (!options.json) say(...notices)
    })
  } finally {
    await ownership.release()
  }
}
