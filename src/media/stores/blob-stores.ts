// Which place a file is in: new ones where the configuration says, old ones where they were put.
import type { Context } from '../../context.ts'
import { diskPlace } from './disk.ts'
import type { Place } from './blob-store.ts'
import { s3Place } from './s3.ts'
import { fileTurns } from '../volume/pool.ts'

type Outside = Pick<Context, 'config' | 'trustedHttp' | 'mediaRoot'>
export type StoreName = 'disk' | 's3'

/** Null where the configuration does not say, any more, how that store is reached. */
export function placeOf({ config, trustedHttp, mediaRoot }: Outside, store: StoreName): Place | null {
  if (store === 'disk') return diskPlace(mediaRoot)
  return config.media.s3 && s3Place(config.media.s3, trustedHttp)
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
