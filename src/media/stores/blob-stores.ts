// Selects the store of a file: new files by the configuration, existing ones by their row.
import type { Context } from '../../context.ts'
import { diskStore } from './disk.ts'
import type { BlobStore } from './blob-store.ts'
import { s3Store } from './s3.ts'
import { fileTurns } from '../volume/pool.ts'

type Outside = Pick<Context, 'config' | 'trustedHttp' | 'mediaRoot'>
export type StoreName = 'disk' | 's3'

/** Null if that store is not configured (any more). */
export function blobStoreOf({ config, trustedHttp, mediaRoot }: Outside, store: StoreName): BlobStore | null {
  if (store === 'disk') return diskStore(mediaRoot)
  return config.media.s3 && s3Store(config.media.s3, trustedHttp)
}

/** Whether results are kept in a folder that was moved away or replaced since the start. */
export async function isDisplaced(outside: Pick<Context, 'config' | 'mediaRoot'>): Promise<boolean> {
  if (storeForNew(outside) !== 'disk') return false
  const { isSame } = outside.mediaRoot
  // A volume that does not answer is detected by the probe.
  return !(await fileTurns.run('read', isSame).catch(() => true))
}

/** The store for new results; null if none are kept: without PUBLIC_URL customers could not download them. */
export function storeForNew({ config }: Pick<Context, 'config'>): StoreName | null {
  return config.media.store === 'none' || config.publicUrl === null ? null : config.media.store
}
