// The injected clock: the gateway's only source of time, so that tests can set it.
import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /**
   * Milliseconds since some moment before the process; never adjusted, and shared by all processes of a
   * `boot`.
   */
  monotonic(): number
  /** The machine boot from which `monotonic` counts; empty if unknown. */
  readonly boot: string
  /** Resolves after `ms`, or at once when the signal is aborted; it never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** `performance.now` counts from the process start and is cheap; `hrtime` counts from the machine's. */
const processStartMs = Number(process.hrtime.bigint()) / 1e6 - performance.now()

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => processStartMs + performance.now(),
  boot: bootId(),
  // Not the sleep of node:timers/promises: that creates an error with a stack for each abort, and loops are
  // woken often.
  sleep(ms, signal) {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', end)
        resolve()
      }
      const timer = setTimeout(end, ms)
      signal?.addEventListener('abort', end)
    })
  },
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}
