// Records which process holds a lock, in a file beside it; the note is valid only while the lock is held.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'

interface Holder {
  readonly pid: number
  readonly host: string
  /** When the process started, in ISO 8601. */
  readonly started_at: string
}

const noteOf = (lock: string): string => `${lock}.holder`

/** Called by the process that holds the lock. */
export function noteHolder(lock: string): void {
  const started = new Date(performance.timeOrigin)
  started.setMilliseconds(0)
  const holder: Holder = { pid: process.pid, host: hostname(), started_at: started.toISOString() }
  try {
    writeFileSync(noteOf(lock), `${JSON.stringify(holder)}\n`)
  } catch {
    // The disk is full: the lock still holds, and refusals of others name no process.
    forgetHolder(lock)
  }
}

export function forgetHolder(lock: string): void {
  try {
    rmSync(noteOf(lock), { force: true })
  } catch {
    // A stale note is ignored once its process has ended.
  }
}

/** `: process 4711, started 2026-11-29T10:00:00Z`, to append to a sentence; empty if unknown. */
export function holderWords(lock: string): string {
  const holder = readHolder(lock)
  if (!holder) return ''
  const isHere = holder.host === hostname()
  if (isHere && !isAlive(holder.pid)) return ''
  const place = isHere ? '' : ` on the host ${holder.host}`
  return `: process ${holder.pid}${place}, started ${holder.started_at.replace('.000Z', 'Z')}`
}

function readHolder(lock: string): Holder | null {
  try {
    const { pid, host, started_at: startedAt } = JSON.parse(readFileSync(noteOf(lock), 'utf8')) as Holder
    const isWhole = Number.isSafeInteger(pid) && typeof host === 'string' && typeof startedAt === 'string'
    return isWhole ? { pid, host, started_at: startedAt } : null
  } catch {
    return null
  }
}

/** A process of another user cannot be signalled, but is alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
