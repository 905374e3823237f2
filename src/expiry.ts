// When result URLs expire, and what is shown afterwards: one rule for views, events and webhooks.

/** A task as its owner sees it, or an old stored event of it. */
interface ShownResult {
  readonly image_url: string | null
  readonly video_url: string | null
  readonly audio_url: string | null
  readonly thumbnail_url: string | null
  readonly result_expires_at: number | null
  readonly result_expired: boolean
}

/** `nowMs`: from `expiryTime`. */
export const isPast = (expiresAtMs: number | null, nowMs: number): boolean =>
  expiresAtMs !== null && nowMs >= expiresAtMs

/** The URLs no longer work, or soon lead to something else; it stays visible that there was a result. */
export function expired<View extends ShownResult>(view: View): View {
  return {
    ...view,
    image_url: null,
    video_url: null,
    audio_url: null,
    thumbnail_url: null,
    result_expires_at: null,
    result_expired: true,
  }
}

interface Times {
  readonly time: { now(): number; mayEnd(longestMs: number): boolean }
  readonly config: { readonly media: { readonly retentionMs: number } }
}

/**
 * The time used for expiry. While the clock is not trusted nothing expires: no file is removed then either.
 */
export const expiryTime = ({ time, config }: Times): number =>
  time.mayEnd(config.media.retentionMs) ? time.now() : -Infinity
