// The keys we hold for one upstream: which may be used now, which pause, which were rejected.
import { createHash } from 'node:crypto'

export interface UpstreamKey {
  readonly key: string
  /** Says which key it was without saying the key. */
  readonly fingerprint: string
}

export interface KeyReport {
  readonly fingerprint: string
  readonly state: 'ready' | 'paused' | 'rejected'
  readonly until: number | null
  readonly detail: string | null
}

interface Held extends UpstreamKey {
  pausedUntil: number
  rejections: number
  rejectedUntil: number
  detail: string | null
}

/** A rejected key is tried again in case the operator has mended the account behind it. */
const rejectedFirstMs = 1_000
const rejectedMaxMs = 60_000
const fingerprintLength = 12

export type KeyRing = ReturnType<typeof createKeyRing>

export function createKeyRing(keys: readonly string[]) {
  const held: Held[] = keys.map((key) => ({
    key,
    fingerprint: fingerprintOf(key),
    pausedUntil: 0,
    rejections: 0,
    rejectedUntil: 0,
    detail: null,
  }))
  const find = (fingerprint: string) => held.find((key) => key.fingerprint === fingerprint)
  let turn = 0

  return {
    /** A key that may be used now, in turn; or the time from which one may. */
    pick(nowMs: number): UpstreamKey | { readonly waitUntil: number } {
      turn += 1
      for (let at = 0; at < held.length; at += 1) {
        const key = held[(turn + at) % held.length]
        if (key && freeAt(key) <= nowMs) return key
      }
      return { waitUntil: held.length === 0 ? Infinity : Math.min(...held.map(freeAt)) }
    },
    /** The key that an upstream task was made with; another where that one is gone from the configuration. */
    keyFor(fingerprint: string | null): UpstreamKey | null {
      return find(fingerprint ?? '') ?? held[0] ?? null
    },
    pausedUntil: (fingerprint: string): number => find(fingerprint)?.pausedUntil ?? 0,
    /** The upstream said "too many requests": everything under this key waits. */
    pause(fingerprint: string, untilMs: number): void {
      const key = find(fingerprint)
      if (key) key.pausedUntil = Math.max(key.pausedUntil, untilMs)
    },
    /** The upstream does not accept the key: other keys go first, and it is tried again ever more rarely. */
    reject(fingerprint: string, detail: string, nowMs: number): void {
      const key = find(fingerprint)
      // Calls that were under way together were refused once, not many times.
      if (!key || nowMs < key.rejectedUntil) return
      key.rejectedUntil = nowMs + Math.min(rejectedMaxMs, rejectedFirstMs * 2 ** key.rejections)
      key.rejections += 1
      key.detail = detail
    },
    /** The upstream has answered as if the key were good. */
    accept(fingerprint: string): void {
      const key = find(fingerprint)
      if (!key || key.rejections === 0) return
      key.rejections = 0
      key.rejectedUntil = 0
      key.detail = null
    },
    /** Time was moved: what was to wait still waits as long as it had left. */
    shift(byMs: number): void {
      for (const key of held) {
        if (key.pausedUntil > 0) key.pausedUntil += byMs
        if (key.rejectedUntil > 0) key.rejectedUntil += byMs
      }
    },
    report: (nowMs: number): KeyReport[] => held.map((key) => reportOf(key, nowMs)),
  }
}

function freeAt(key: Held): number {
  return Math.max(key.pausedUntil, key.rejectedUntil)
}

function reportOf(key: Held, nowMs: number): KeyReport {
  const { fingerprint, detail } = key
  if (key.rejections > 0) return { fingerprint, state: 'rejected', until: key.rejectedUntil, detail }
  if (key.pausedUntil > nowMs) {
    return { fingerprint, state: 'paused', until: key.pausedUntil, detail: 'The upstream answered 429.' }
  }
  return { fingerprint, state: 'ready', until: null, detail: null }
}

function fingerprintOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, fingerprintLength)
}
