// Decides whether we keep uploads: only if PUBLIC_URL lets the upstream fetch them.
import type { Config } from '../../config/config.ts'
import { createUrlCheck } from '../../net/url.ts'
import { mediaPath } from '../keep.ts'

type Settings = Pick<Config, 'media' | 'publicUrl'>

/** Without `network.allow_hosts`: that says what we can reach, not what the upstream can. */
const refusalOf = createUrlCheck({ allowHosts: [] })

/** Whether PUBLIC_URL looks public, judged by the URL alone, like any URL in an order. */
const isPublic = (publicUrl: string): boolean => refusalOf(`${publicUrl}${mediaPath}/`) === null

/** If false, uploads are passed on to the upstream, which keeps them at its own URL. */
export function keepsUploads({ media, publicUrl }: Settings): boolean {
  return (
    media.uploads.keptBy === 'ours' && media.store === 'disk' && publicUrl !== null && isPublic(publicUrl)
  )
}

/** How long uploads are kept; never longer than results. */
export const uploadLifetimeMs = ({ media }: Pick<Config, 'media'>): number =>
  Math.min(media.uploads.retentionMs, media.retentionMs)
