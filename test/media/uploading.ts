// Uploads of a studio, without HTTP.
import { expect } from 'vitest'
import type { Spooled } from '../../src/media/spool.ts'
import { receiveImage } from '../../src/media/uploads/upload.ts'
import { keepUpload } from '../../src/media/uploads/keep.ts'
import type { KeptUpload } from '../../src/media/uploads/keep.ts'
import { openStudio, ours, png } from './studio.ts'
import type { Studio } from './studio.ts'

export const never = new AbortController().signal
/** Results are kept for ten days. */
export const media = 'store: disk, retention: 10d, uploads_retention: 3d'

export const openOurs = (settings = '') => openStudio({ media: `${media}${settings}` })
export const accountOf = async (studio: Studio) => (await studio.account(0)).accountId

export const spooled = async ({ ctx }: Studio): Promise<Spooled> =>
  await receiveImage(
    ctx,
    (async function* () {
      yield png
    })(),
    'file',
  )

export async function upload(studio: Studio, accountId: string, signal = never): Promise<KeptUpload | null> {
  const file = await spooled(studio)
  try {
    return await keepUpload(studio.ctx, { accountId, file, signal })
  } finally {
    await file.discard()
  }
}

/** Its name. */
export async function kept(studio: Studio, accountId?: string): Promise<string> {
  const answer = await upload(studio, accountId ?? (await accountOf(studio)))
  expect(answer?.url).toMatch(ours)
  return answer?.url.split('/').at(-1) ?? ''
}
