// What a receiver reads: the event as it was written down, but for URLs that have stopped working since.
import { expired, isPast } from '../expiry.ts'

type Shown = Parameters<typeof expired>[0]

interface Event {
  readonly data: Shown
}

/** An event has its type and its time, and the task as its owner reads it. */
export const bodyOf = (type: string, nowMs: number, data: unknown): string =>
  JSON.stringify({ type, timestamp: new Date(nowMs).toISOString(), data })

/** `nowMs`: as `expiryTime` has it. */
export function bodyAt(body: string, nowMs: number): string {
  const event = JSON.parse(body) as Event
  const { result_expires_at: expiresAt } = event.data
  // Events of before this was told have none.
  if (typeof expiresAt !== 'number' || !isPast(expiresAt * 1000, nowMs)) return body
  return JSON.stringify({ ...event, data: expired(event.data) })
}

/** The same event with the task as it is read now. */
export const bodyWith = (body: string, data: unknown): string =>
  JSON.stringify({ ...(JSON.parse(body) as Event), data })
