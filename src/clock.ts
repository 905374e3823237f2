// Time, injected: the gateway asks this and nothing else what time it is, so that tests can turn it.
import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Milliseconds since some moment before the process; never set, and shared by all processes of a `boot`. */
  monotonic(): number
  /** Which start of the machine `monotonic` counts from; empty where that cannot be told. */
  readonly boot: string
  /** Resolves after `ms`, or at once when the signal is aborted; it never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** `performance.now` counts from the start of the process and is cheap; `hrtime` counts from that of the machine. */
const processStartMs = Number(process.hrtime.bigint()) / 1e6 - performance.now()

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => processStartMs + performance.now(),
  boot: bootId(),
  async sleep(ms, signal) {
    try {
      await wait(ms, undefined, signal ? { signal } : undefined)
    } catch {
      // Aborted: whoever slept looks at its signal and goes home.
    }
  },
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}
