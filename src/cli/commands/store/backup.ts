// `tollgate backup`: copies the store, and with --media the result files, also while a gateway serves it.
import { linkSync, lstatSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Config } from '../../../config/config.ts'
import { noteCopy } from '../../../alerts/copies.ts'
import { StoreRefused } from '../../../db/errors.ts'
import { syncToDisk } from '../../../disk/sync.ts'
import { storeAt } from '../../../db/store-at.ts'
import { takeFiles } from '../../../media/copies/take.ts'
import type { Taken } from '../../../media/copies/take.ts'
import { exitCodes, print, say } from '../../output/exit.ts'
import type { OutputOptions } from '../../output/exit.ts'
import { namesInWords } from '../../output/media-words.ts'
import { settingsOfStore } from '../../settings.ts'

interface BackupOptions extends OutputOptions {
  /** Whether to copy result files too, into a folder beside the copy. */
  readonly media?: boolean
}

/** A copy is a database file: it is written in place and synced, which is impossible with a pipe. */
function requireName(target: string): string {
  if (target === '-' || target === '') {
    throw new StoreRefused(
      'backup writes a file, and not to stdout: name one, as in tollgate backup /backups/today.db',
    )
  }
  return target
}

/** The folder of result files that belongs to a copy of the store. */
export const mediaBeside = (copy: string): string => `${copy}.media`

export async function backup(target: string, options: BackupOptions): Promise<void> {
  const path = resolve(requireName(target))
  const config = settingsOfStore()
  if (options.media) return await backUpAll(path, config, options)
  const { databaseUrl, dataDir, media } = config
  const { bytes } = await storeAt(databaseUrl).backUp(path)
  await rememberCopy(config)
  const notIn = [keyPlace(config), ...(media.store === 'disk' ? [join(dataDir, 'media')] : [])]
  print(options, { file: path, bytes, not_in_it: notIn }, [`${path}: ${bytes} bytes`])
  if (!options.json) say(notInWords(notIn))
}

/** For the alert of a backup that is too old. The copy is made, whether or not that can be written down. */
async function rememberCopy({ databaseUrl }: Config): Promise<void> {
  try {
    // Throws if it is of an older version, which opening it would bring up to this one.
    await storeAt(databaseUrl)
      .lookAt()
      .snapshot(async () => undefined)
    const db = await storeAt(databaseUrl).open({ onFatal: () => undefined, onUpgrade: () => undefined })
    try {
      await db.transaction(async (tx) => await noteCopy(tx, Date.now()))
    } finally {
      await db.close()
    }
  } catch {
    say(
      'That a copy was made could not be written into the store: an alert may say that the last one is old.',
    )
  }
}

/** Where the key of the webhook secrets is. */
const keyPlace = ({ dataDir, sealingKey }: Config): string =>
  sealingKey === null ? join(dataDir, 'sealing.key') : 'SEALING_KEY'

const notInWords = (paths: readonly string[]) =>
  `Not in it: ${paths.join(' and ')}. Copy the files of results with backup --media, or after this with rsync or a snapshot, and the key once, somewhere else than copies of the store.`

/** The store first: rows become `kept` after their files are complete, so all its files exist. */
async function backUpAll(path: string, config: Config, options: BackupOptions): Promise<void> {
  const folder = mediaBeside(path)
  requireFree(path)
  requireFree(folder)
  const store = storeAt(config.databaseUrl)
  const made = folderBeside(path)
  try {
    const [copy, files] = [join(made, 'store.db'), join(made, 'media')]
    const { bytes, look } = await store.backUp(copy)
    const now = store.lookAt({ anyVersion: true })
    const taken = await takeFiles({ copy: look, store: now, from: join(config.dataDir, 'media'), to: files })
    nameBoth(copy, path, () => renameSync(files, folder))
    await rememberCopy(config)
    tell({ path, bytes, folder, taken, config }, options)
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
}

/** Names the store's copy last: if it exists, its files do too. A link never replaces an existing file. */
function nameBoth(copy: string, path: string, nameFiles: () => void): void {
  const folder = mediaBeside(path)
  requireFree(path)
  requireFree(folder)
  nameFiles()
  try {
    linkSync(copy, path)
    syncToDisk(dirname(path))
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

function requireFree(path: string): void {
  if (!lstatSync(path, { throwIfNoEntry: false })) return
  throw new StoreRefused(`${path} exists already. Name a file that does not, and beside which it does not.`)
}

function folderBeside(path: string): string {
  try {
    return mkdtempSync(`${path}.copying-`)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw new StoreRefused(`${path} cannot be written: ${error.message}.`, error)
  }
}

interface Told {
  readonly path: string
  readonly bytes: number
  readonly folder: string
  readonly taken: Taken
  readonly config: Config
}

function tell({ path, bytes, folder, taken, config }: Told, options: BackupOptions): void {
  const { missing, inBucket } = taken
  const notIn = [keyPlace(config)]
  const media = {
    folder,
    files: taken.files,
    bytes: taken.bytes,
    missing: missing.count,
    missing_names: missing.names,
    in_bucket: inBucket,
  }
  print(options, { file: path, bytes, not_in_it: notIn, media }, [
    `${path}: ${bytes} bytes`,
    `${folder}: ${taken.files} files of results, ${taken.bytes} bytes`,
  ])
  const notices = [
    `Not in it: ${notIn.join()}. Copy the key once, somewhere else than copies of the store.`,
    ...(inBucket > 0 || config.media.store === 's3' ? [bucketWords(inBucket, config)] : []),
    ...(missing.count > 0 ? [missingWords(taken)] : []),
  ]
  if (!options.json) say(...notices)
  if (missing.count > 0) process.exitCode = exitCodes.failed
}

const bucketWords = (count: number, { media }: Config) =>
  `${count} files of results are in the bucket${media.s3 ? ` ${media.s3.bucket}` : ''} and are not copied: let the bucket keep versions, or copy it with its own tools.`

const missingWords = ({ missing }: Taken) =>
  `${missing.count} files are not where the store says, or not whole: ${namesInWords(missing)}. The copy is whole but for these; look whether DATA_DIR/media is the right folder.`
