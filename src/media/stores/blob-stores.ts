// Which place a file is in: new ones where the configuration says, old ones where they were put.
import type { Context } from '../../context.ts'
import { diskStore } from './disk.ts'
import type { BlobStore } from './blob-store.ts'
import { s3Store } from './s3.ts'
import { fileTurns } from '../volume/pool.ts'

type Outside = Pick<Context, 'config' | 'trustedHttp' | 'mediaRoot'>
export type StoreName = 'disk' | 's3'

/** Null where the configuration does not say, any more, how that store is reached. */
export function blobStoreOf({ config, trustedHttp, mediaRoot }: Outside, store: StoreName): BlobStore | null {
  if (store === 'disk') return diskStore(mediaRoot)
  return config.media.s3 && s3Store(config.media.s3, trustedHttp)
}

/** Whether results are kept in a folder that was moved away or replaced since the start. */
export async function isDisplaced(outside: Pick<Context, 'config' | 'mediaRoot'>): Promise<boolean> {
  if (storeForNew(outside) !== 'disk') return false
  const { isSame } = outside.mediaRoot
  // A volume that does not answer is found out by the probe.
  return !(await fileTurns.run('read', isSame).catch(() => true))
}

/** Where results are to be kept; null where they are not: without PUBLIC_URL nobody could fetch them from us. */
export function storeForNew({ config }: Pick<Context, 'config'>): StoreName | null {
  return config.media.store === 'none' || config.publicUrl === null ? null : config.media.store
}
