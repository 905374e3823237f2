// The process's memory limit (cgroup), and how much of it is left for request bodies.
import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { GatewayError } from '../../errors.ts'

export interface Memory {
  /** How many items fit beside the gateway's own memory: at least one, at most `max`. */
  fitting(max: number, bytesEach: number): number
  /** Throws `unavailable` if this allocation would exceed the limit. */
  expectRoom(bytes: number): void
}

export interface MemoryUse {
  /** Null: only the machine limits it. */
  readonly limitBytes: number | null
  /** Memory that the system cannot reclaim; null if unknown. */
  usedBytes(): number | null
}

const mebibyte = 1024 * 1024
/** What the gateway needs without any body (docs/decisions/0021). */
const ownBytes = 192 * mebibyte
/** Kept free for other work in progress. */
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

/** The cgroup limit (version 1 or 2); a limit above the machine's memory is ignored. */
export const memoryOfProcess: MemoryUse = {
  limitBytes: boundOf(process.constrainedMemory()),
  usedBytes: anonymousBytes,
}

function boundOf(constrainedBytes: number): number | null {
  return constrainedBytes > 0 && constrainedBytes < totalmem() ? constrainedBytes : null
}

const kibibyte = 1024

/** File pages can be reclaimed at any time, others cannot. Null also if descriptors have run out. */
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
