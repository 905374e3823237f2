// When the URLs of a result have stopped working, and what is shown of it from then on: one reading for views, events and webhooks.

/** A task as its owner reads it, or an event of it that was written down long ago. */
interface ShownResult {
  readonly image_url: string | null
  readonly video_url: string | null
  readonly audio_url: string | null
  readonly thumbnail_url: string | null
  readonly result_expires_at: number | null
  readonly result_expired: boolean
}

/** `nowMs`: as `expiryTime` has it. */
export const isPast = (expiresAtMs: number | null, nowMs: number): boolean =>
  expiresAtMs !== null && nowMs >= expiresAtMs

/** The URLs are dead, or soon lead to something else; that there was a result stays to be seen. */
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

/** The time by which results expire. While the clock is not believed none does: no file is removed then either. */
export const expiryTime = ({ time, config }: Times): number =>
  time.mayEnd(config.media.retentionMs) ? time.now() : -Infinity
