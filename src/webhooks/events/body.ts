// What a receiver reads: the event as it was written down, but for URLs that have stopped working since.
import { expired, isPast } from '../../expiry.ts'

type Shown = Parameters<typeof expired>[0]

interface Event {
  /** Events that an older version wrote down may hold less. */
  readonly data?: Partial<Shown>
}

/** An event has its type and its time, and the task as its owner reads it. */
export const bodyOf = (type: string, nowMs: number, data: unknown): string =>
  JSON.stringify({ type, timestamp: new Date(nowMs).toISOString(), data })

/** `nowMs`: as `expiryTime` has it. */
export function bodyAt(body: string, nowMs: number): string {
  const event = eventIn(body)
  const expiresAt = event?.data?.result_expires_at
  if (typeof expiresAt !== 'number' || !isPast(expiresAt * 1000, nowMs)) return body
  return JSON.stringify({ ...event, data: expired(event?.data as Shown) })
}

/** Null where it is none that we know: nothing may keep a delivery from being sent as it was written down. */
function eventIn(body: string): Event | null {
  try {
    return JSON.parse(body) as Event | null
  } catch {
    return null
  }
}

/** The same event with the task as it is read now. */
export const bodyWith = (body: string, data: unknown): string => JSON.stringify({ ...eventIn(body), data })
