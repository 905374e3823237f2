// What the process may take of memory, as its container bounds it, and what that leaves for bodies.
import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { GatewayError } from '../../errors.ts'

export interface Memory {
  /** How many of something fit into what the gateway itself leaves, one at least and `max` at most. */
  fitting(max: number, bytesEach: number): number
  /** Throws `unavailable` where the process is about to take more than it may. */
  expectRoom(bytes: number): void
}

export interface MemoryUse {
  /** Null: nothing but the machine bounds it. */
  readonly limitBytes: number | null
  /** What cannot be taken from the process without ending it; null where nobody says. */
  usedBytes(): number | null
}

const mebibyte = 1024 * 1024
/** What the gateway needs without any body (docs/decisions/0021). */
const ownBytes = 192 * mebibyte
/** Kept free for what else is under way at that moment. */
const marginBytes = 16 * mebibyte

export function createMemory({ limitBytes, usedBytes }: MemoryUse): Memory {
  return {
    fitting(max, bytesEach) {
      if (limitBytes === null) return max
      return Math.max(1, Math.min(max, Math.floor((limitBytes - ownBytes) / bytesEach)))
    },
    expectRoom(bytes) {
      if (limitBytes === null) return
      const used = usedBytes()
      if (used !== null && used + bytes + marginBytes > limitBytes) throw noMemory()
    },
  }
}

/** Of the cgroup, version 1 or 2; one above what the machine has bounds nothing. */
export const memoryOfProcess: MemoryUse = {
  limitBytes: boundOf(process.constrainedMemory()),
  usedBytes: anonymousBytes,
}

function boundOf(constrainedBytes: number): number | null {
  return constrainedBytes > 0 && constrainedBytes < totalmem() ? constrainedBytes : null
}

const kibibyte = 1024

/** Pages of files can be taken back at any time, others cannot. Files cannot be opened where descriptors run out. */
function anonymousBytes(): number | null {
  try {
    const found = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))
    return found ? Number(found[1]) * kibibyte : null
  } catch {
    return null
  }
}

const retryAfterMs = 5_000

const noMemory = () =>
  new GatewayError(
    'unavailable',
    {
      en: 'The gateway has no memory left for a body of this size at the moment. Nothing was charged. Try again in a few seconds.',
      zh: '网关当前没有足够的内存处理该大小的请求体。未扣除任何积分。请稍后重试。',
    },
    { retryAfterMs },
  )
