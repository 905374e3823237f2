// `tollgate restore`: replaces the store with an older copy, without ordering again what was ordered since.
import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { applyRefusals, readRefusals } from '../../../accounts/refusals.ts'
import type { Config } from '../../../config/config.ts'
import { StoreRefused } from '../../../db/errors.ts'
import type { Database } from '../../../db/database.ts'
import type { Store } from '../../../db/dialect.ts'
import { storeAt } from '../../../db/store-at.ts'
import { entriesSince, isSameLedger, lastEntry } from '../../../ledger/since.ts'
import type { Since } from '../../../ledger/since.ts'
import { putBackFiles } from '../../../media/copies/put-back.ts'
import type { PutBack } from '../../../media/copies/put-back.ts'
import { carryFiles } from '../../../media/strays/carry.ts'
import { neverLate, verifyLedger } from '../../../ledger/verify.ts'
import { carryAttempts } from '../../../tasks/callbacks/forgotten.ts'
import { holdQueued } from '../../../tasks/rescue/restored.ts'
import type { Held } from '../../../tasks/rescue/restored.ts'
import { eraseAtOnce } from '../../../privacy/erasing.ts'
import { erasedIn, listedIds } from '../../../privacy/list.ts'
import { mediaBeside } from './backup.ts'
import { endAllSessions } from '../../../sessions/sessions.ts'
import { print, say } from '../../output/exit.ts'
import type { OutputOptions } from '../../output/exit.ts'
import { namesInWords } from '../../output/media-words.ts'
import { table } from '../../output/table.ts'
import { settingsOfStore } from '../../settings.ts'

interface RestoreOptions extends OutputOptions {
  /** Whether to submit orders that were queued in the copy: only right if no gateway has served since. */
  readonly keepQueued?: boolean
  /** Reports what would be lost, and changes nothing. */
  readonly dryRun?: boolean
  /** Whether to put missing result files back from the folder beside the copy. */
  readonly media?: boolean
}

/** What was prepared in the copy before it replaces the store. */
interface Prepared {
  readonly entries: number
  readonly held: Held
  /** Keys and accounts that stay revoked or suspended; null if there was no readable store before. */
  readonly refused: { readonly keys: readonly string[]; readonly accounts: readonly string[] } | null
  /** Accounts that were erased since the copy was made, and were erased in it again. */
  readonly erased: readonly string[]
  readonly gone: Since | null
  /** Attempts made since the copy, whose callbacks may still arrive. */
  readonly carried: number
  /** Result files kept since the copy: not served, and removed after a grace period. */
  readonly files: number
  /** Files that the copy's rows name: put back, or missing. */
  readonly media: PutBack
}

/** Thrown to end a dry run before the copy replaces the store. */
class DryRun extends Error {}

export async function restore(source: string, options: RestoreOptions): Promise<void> {
  const config = settingsOfStore()
  try {
    await restoreTo({ store: storeAt(config.databaseUrl), config, options }, source)
  } catch (error) {
    if (!(error instanceof DryRun)) throw error
  }
}

async function restoreTo(terms: Terms, source: string): Promise<void> {
  const { store, config, options } = terms
  const file = store.name
  const from = options.media ? mediaBeside(resolve(source)) : null
  if (from !== null) requireFolder(from)
  const { kept, bytes, prepared } = await store.restore(resolve(source), async (copy) => {
    await requireSound(copy, source)
    const found = await prepare(copy, terms)
    const entries = await requireSound(copy, source)
    // Printed before anything changes: the user may still abort.
    if (!options.json) say(...goneLines(found.gone))
    const files = { to: join(config.dataDir, 'media'), nowMs: Date.now() }
    if (options.dryRun) {
      const would = { ...found, media: await putBackFiles(copy.read, { ...files, from: null }) }
      print(options, { file, ...shown(would), notices: noticesOf(would) }, [
        'Nothing was changed (--dry-run).',
      ])
      throw new DryRun()
    }
    // Before the store is replaced: a full disk leaves it unchanged, and files without a row are swept.
    return { ...found, entries, media: await putBackFiles(copy.read, { ...files, from }) }
  })
  const { entries } = prepared
  const notices = noticesOf(prepared)
  const before = kept === null ? 'There was none before.' : `The one before is kept as ${kept}.`
  print(options, { file, bytes, entries, kept, ...shown(prepared), notices }, [
    `${file}: ${bytes} bytes, ${entries} entries add up. ${before}`,
    ...(options.media ? [`${prepared.media.files} files of results were put back.`] : []),
  ])
  if (!options.json) say(...notices)
}

/** An old copy's open tasks are past their limits, but the gateway ends them at its start: none is late. */
async function requireSound(copy: Database, source: string): Promise<number> {
  const { ok, entries, drift } = await verifyLedger(copy, Date.now(), neverLate)
  if (ok) return entries
  const first = drift[0]
  throw new StoreRefused(
    `${source} breaks ${drift.length} promises of the ledger, so the store was not touched. ` +
      `The first: ${first?.check} (${first?.id}).`,
  )
}

interface Terms {
  /** The store that is replaced. */
  readonly store: Store
  readonly config: Config
  readonly options: RestoreOptions
}

type Found = Omit<Prepared, 'entries' | 'media'>

async function prepare(copy: Database, { store, config, options }: Terms): Promise<Found> {
  const nowMs = Date.now()
  const before = await storeBefore(store, copy, nowMs)
  const held = options.keepQueued ? nothingHeld : await holdQueued(copy, { config, nowMs })
  await copy.transaction(endAllSessions)
  const refused = before && (await copy.transaction((tx) => applyRefusals(tx, before.refusals)))
  const ids = [...listedIds(config), ...(before?.erased ?? [])]
  return {
    held,
    erased: await eraseAtOnce(copy, ids, nowMs),
    refused,
    gone: before?.gone ?? null,
    carried: before?.carried ?? 0,
    files: before?.files ?? 0,
  }
}

const nothingHeld: Held = { requests: 0, tasks: 0, credits: 0 }

/** What the replaced store still knows; null if it is missing or too damaged to read. */
async function storeBefore(store: Store, copy: Database, nowMs: number) {
  if (!(await store.exists())) return null
  const last = await lastEntry(copy.read)
  try {
    return await store.lookAt({ anyVersion: true }).snapshot(async (read) => ({
      refusals: await readRefusals(read),
      gone: await entriesSince(read, last),
      erased: (await read.hasTable('erasures')) ? await erasedIn(read) : [],
      // Only if the copy comes from this store: another ledger's attempts and files do not belong to it.
      ...((await isSameLedger(read, last)) && {
        carried: await carryAttempts(read, copy, nowMs),
        files: await carryFiles(read, copy, nowMs),
      }),
    }))
  } catch {
    return null
  }
}

function shown({ held, refused, erased, gone, carried, files, media }: Omit<Prepared, 'entries'>) {
  const { missing, inBucket } = media
  const counts = { put_back: media.files, missing: missing.count, missing_names: missing.names }
  return { held, refused, erased, gone, carried, files, media: { ...counts, in_bucket: inBucket } }
}

function requireFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
  throw new StoreRefused(
    `There is no folder ${path}, from which --media puts files of results back: tollgate backup FILE --media makes it beside FILE. Nothing was changed.`,
  )
}

function noticesOf({ held, refused, erased, gone, files, media }: Omit<Prepared, 'entries'>): string[] {
  const notices: string[] = []
  if (held.requests > 0) notices.push(`${heldWords(held)} ${keepQueuedAdvice}`)
  if (refused === null) notices.push(blindWords)
  else if (refused.keys.length + refused.accounts.length > 0) {
    const names = [...refused.keys, ...refused.accounts].join(', ')
    notices.push(`Revoked or suspended since the copy was made, and still so: ${names}.`)
  }
  if (erased.length > 0) notices.push(erasedWords(erased))
  if (gone && gone.grants.length + gone.charges > 0) notices.push(goneWords(gone))
  if (files > 0) notices.push(filesWords(files))
  if (media.missing.count > 0) notices.push(missingWords(media))
  if (media.inBucket > 0) notices.push(bucketWords(media))
  return notices
}

export const heldWords = ({ requests, tasks, credits }: Held) =>
  `${requests} orders (${tasks} tasks) waited to be posted when the copy was made, and may have been posted since. ` +
  `The gateway will not post them: it ends them and gives ${credits} credits back.`

export const erasedWords = (ids: readonly string[]) =>
  `Erased since the copy was made, and erased in it again: ${ids.join(', ')}. Files of them are removed when the gateway serves.`

const keepQueuedAdvice =
  'If no gateway has served since the copy was made, restore it again with --keep-queued, before you serve.'

export const unknownSince =
  'keys that were revoked and accounts that were suspended since are open again, and credits granted since are gone. ' +
  'Look through tollgate accounts list and tollgate keys list before you serve.'

const blindWords = `There was no store before that could be read, so nobody knows what happened since the copy was made: ${unknownSince}`

const goneWords = ({ grants, charges, refunds }: Since) => {
  const given = grants.reduce((sum, { amount }) => sum + amount, 0)
  return (
    `Gone with the store before: ${grants.length} grants (${given} credits), ${charges} charges and ${refunds} ` +
    'refunds. Grants have to be given again; they are listed above, and by --json.'
  )
}

const filesWords = (files: number) =>
  `${files} files of results that were kept since the copy are shown to nobody; the gateway removes them in a week. ` +
  'Restore the newer store before that, and they are there.'

const missingWords = ({ missing }: PutBack) =>
  `${missing.count} files of results that the copy speaks of are not in DATA_DIR/media: ${namesInWords(missing)}. ` +
  'Customers cannot fetch them until they are put there: by restore --media, from the folder that backup --media made, ' +
  'or by hand.'

const bucketWords = ({ inBucket }: PutBack) =>
  `${inBucket} files of results that the copy speaks of are in the bucket; restore puts nothing there.`

/** Lists grants before they are lost: only this store has them. */
function goneLines(gone: Since | null): string[] {
  if (!gone || gone.grants.length === 0) return []
  const rows = gone.grants.map(({ account_id, account_name, amount, created_at, note, public_note }) => [
    new Date(created_at).toISOString(),
    account_id,
    account_name,
    amount > 0 ? `+${amount}` : String(amount),
    [note, public_note].filter((each) => each !== null).join(' / '),
  ])
  return [
    'Grants that the present store holds and the copy does not; give them again when the copy is in place:',
    ...table(['when', 'account', 'name', 'credits', 'notes'], rows),
  ]
}
