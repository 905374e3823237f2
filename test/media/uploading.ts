// Uploads of a harness, without HTTP.
import { expect } from 'vitest'
import type { Spooled } from '../../src/media/spool.ts'
import { receiveImage } from '../../src/media/uploads/upload.ts'
import { keepUpload } from '../../src/media/uploads/keep.ts'
import type { KeptUpload } from '../../src/media/uploads/keep.ts'
import { openMediaHarness, ours, png } from './media-harness.ts'
import type { MediaHarness } from './media-harness.ts'

export const never = new AbortController().signal
/** Results are kept for ten days. */
export const media = 'store: disk, retention: 10d, uploads_retention: 3d'

export const openOurs = (settings = '') => openMediaHarness({ media: `${media}${settings}` })
export const accountOf = async (harness: MediaHarness) => (await harness.account(0)).accountId

export const spooled = async ({ ctx }: MediaHarness): Promise<Spooled> =>
  await receiveImage(
    ctx,
    (async function* () {
      yield png
    })(),
    'file',
  )

export async function upload(
  harness: MediaHarness,
  accountId: string,
  signal = never,
): Promise<KeptUpload | null> {
  const file = await spooled(harness)
  try {
    return await keepUpload(harness.ctx, { accountId, file, signal })
  } finally {
    await file.discard()
  }
}

/** Its name. */
export async function kept(harness: MediaHarness, accountId?: string): Promise<string> {
  const answer = await upload(harness, accountId ?? (await accountOf(harness)))
  expect(answer?.url).toMatch(ours)
  return answer?.url.split('/').at(-1) ?? ''
}
