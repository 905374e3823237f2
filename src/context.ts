// The outside world as the rooms see it, injected into all of them.
import type { LiveCatalog } from './catalog/live.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config/config.ts'
import type { UpstreamConfig } from './config/upstreams.ts'
import type { Database } from './db/database.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Guard } from './net/guard.ts'
import type { TrustedHttp } from './net/trusted-http.ts'
import type { Time } from './time/time.ts'
import type { Adapter } from './upstream/adapter.ts'
import type { CallbackHealth } from './upstream/callback-health.ts'
import type { EarlyReturns } from './upstream/early-returns.ts'
import type { KeyRing } from './upstream/keys/keyring.ts'
import type { LimitHolds } from './upstream/rate-limits/holds.ts'
import type { Recognition } from './upstream/recognition.ts'
import type { Slots } from './upstream/slots.ts'

export interface Upstream {
  readonly name: string
  /** The name under which it is configured, where this is an alias of it; null under its own name. */
  readonly aliasOf: string | null
  readonly settings: UpstreamConfig
  readonly adapter: Adapter
  readonly keys: KeyRing
  readonly callbackHealth: CallbackHealth
  readonly recognition: Recognition
  /** Which accounts have submits under way. */
  readonly slots: Slots
  /** Which orders wait while others of their kind are answered 429. */
  readonly holds: LimitHolds
  /** Which paused orders may come back before their pause is over. */
  readonly returns: EarlyReturns
}

/** Each once, under the name by which it is configured. */
export const configuredUpstreams = (upstreams: ReadonlyMap<string, Upstream>): Upstream[] =>
  [...upstreams.values()].filter(({ aliasOf }) => aliasOf === null)

/** Work in the background that somebody may call before its time. */
export type LoopName = 'submit' | 'poll' | 'callbacks' | 'store' | 'deliver' | 'rescue' | 'cleanup'

/** Where it is said that a client may see something else of a request's tasks now, and that this is committed. */
export interface Changes {
  tell(requestId: string): void
  /** For as long as the process lives. */
  listen(listener: (requestId: string) => void): void
}

/** `trial`: probes come through, but files did not; the next file shows whether they do again. */
export type ResultStoreState = 'works' | 'trial' | 'down'

export interface ResultStoreReport {
  readonly state: ResultStoreState
  readonly lastSuccessAtMs: number | null
  readonly lastError: { readonly atMs: number; readonly words: string } | null
}

/** A circuit breaker before the store for results, which probes close and open: while it is open nothing is put. */
export interface ResultStore {
  state(): ResultStoreState
  report(): ResultStoreReport
  /** Probes it, unless that was done a moment ago; never throws. */
  check(): Promise<void>
  /** Probes it whatever was found out a moment ago: something speaks against it. */
  recheck(): Promise<void>
  /**
   * Does what takes a file there. Throws StoreDown as soon as it is found that the store does not work, though `work`
   * may hang; and what `work` throws. The store is probed where that takes long.
   */
  use<Result>(taskId: string, work: (signal: AbortSignal) => Promise<Result>): Promise<Result>
}

/** DATA_DIR/media, where files are kept and received: it is the same folder for as long as the process lives. */
export interface MediaRoot {
  readonly path: string
  /**
   * At the start, and before anything is written below it. Makes it where there has been none; throws where it is not
   * the same, or cannot be used: then it is remembered as soon as it can.
   */
  enter(): Promise<void>
  /** Throws where it is not the same folder as at the start; what is not there then says nothing. */
  requireSame(): Promise<void>
  isSame(): Promise<boolean>
}

export interface Context {
  readonly db: Database
  readonly config: Config
  readonly catalog: LiveCatalog
  /** By name; an alias is an entry of its own, which shares keys and adapter with the one it stands for. */
  readonly upstreams: ReadonlyMap<string, Upstream>
  /** The only way to URLs that customers or upstreams name. */
  readonly guard: Guard
  /** To hosts that the operator configured; never to a URL that anybody else named. */
  readonly trustedHttp: TrustedHttp
  readonly mediaRoot: MediaRoot
  /** Whether results can be kept now. */
  readonly resultStore: ResultStore
  /** The gateway's time: see `time`. */
  readonly clock: Clock
  /** Whether the clock is to be believed. Everything that cannot be undone and depends on time asks it first. */
  readonly time: Time
  readonly log: Logger
  readonly metrics: Metrics
  readonly changes: Changes
  /** There may be work for this loop now. Work is found without it too, only later. */
  readonly wake: (loop: LoopName) => void
}
