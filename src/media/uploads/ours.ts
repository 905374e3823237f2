// Whether uploads are kept by us: where PUBLIC_URL lets the upstream fetch them.
import type { Config } from '../../config/config.ts'
import { createUrlCheck } from '../../net/url.ts'
import { mediaPath } from '../keep.ts'

type Settings = Pick<Config, 'media' | 'publicUrl'>

/** What `network.allow_hosts` names may be reached by us; it says nothing of what the upstream reaches. */
const refusalOf = createUrlCheck({ allowHosts: [] })

/** Whether PUBLIC_URL is at a public address as far as it can be told from the URL itself, as for any URL of an order. */
const isPublic = (publicUrl: string): boolean => refusalOf(`${publicUrl}${mediaPath}/`) === null

/** Else they are passed on to the upstream, which keeps them at a URL of its own. */
export function keepsUploads({ media, publicUrl }: Settings): boolean {
  return (
    media.uploads.keptBy === 'ours' && media.store === 'disk' && publicUrl !== null && isPublic(publicUrl)
  )
}

/** For how long; no longer than results. */
export const uploadLifetimeMs = ({ media }: Pick<Config, 'media'>): number =>
  Math.min(media.uploads.retentionMs, media.retentionMs)
