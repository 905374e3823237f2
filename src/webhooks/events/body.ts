// The body of a webhook: the event as it was stored, without URLs that have expired since.
import { expired, isPast } from '../../expiry.ts'

type Shown = Parameters<typeof expired>[0]

interface Event {
  /** Events stored by an older version may have fewer fields. */
  readonly data?: Partial<Shown>
}

/** An event has its type, its time, and the task as its owner reads it. */
export const bodyOf = (type: string, nowMs: number, data: unknown): string =>
  JSON.stringify({ type, timestamp: new Date(nowMs).toISOString(), data })

/** `nowMs`: from `expiryTime`. */
export function bodyAt(body: string, nowMs: number): string {
  const event = eventIn(body)
  const expiresAt = event?.data?.result_expires_at
  if (typeof expiresAt !== 'number' || !isPast(expiresAt * 1000, nowMs)) return body
  return JSON.stringify({ ...event, data: expired(event?.data as Shown) })
}

/** Null if it is not valid JSON: then the body is sent as it was stored. */
function eventIn(body: string): Event | null {
  try {
    return JSON.parse(body) as Event | null
  } catch {
    return null
  }
}

/** The same event with the task as it is read now. */
export const bodyWith = (body: string, data: unknown): string => JSON.stringify({ ...eventIn(body), data })
