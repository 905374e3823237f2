// The context injected into all rooms: everything they need from outside.
import type { LiveCatalog } from './catalog/live.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config/config.ts'
import type { UpstreamConfig } from './config/upstreams.ts'
import type { Database, Tx } from './db/database.ts'
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
  /** Its configured name, if this entry is an alias; otherwise null. */
  readonly aliasOf: string | null
  readonly settings: UpstreamConfig
  readonly adapter: Adapter
  readonly keys: KeyRing
  readonly callbackHealth: CallbackHealth
  readonly recognition: Recognition
  /** The accounts with submits under way. */
  readonly slots: Slots
  /** The orders that wait while others in their scope are answered 429. */
  readonly holds: LimitHolds
  /** Which paused orders may come back before their pause is over. */
  readonly returns: EarlyReturns
}

/** Each upstream once, under its configured name. */
export const configuredUpstreams = (upstreams: ReadonlyMap<string, Upstream>): Upstream[] =>
  [...upstreams.values()].filter(({ aliasOf }) => aliasOf === null)

/** Background loops that can be woken before their time. */
export type LoopName = 'submit' | 'poll' | 'callbacks' | 'store' | 'deliver' | 'rescue' | 'cleanup'

/** Announces that the client-visible state of a request's tasks has changed and is committed. */
export interface Changes {
  tell(requestId: string): void
  /** Never removed: for the life of the process. */
  listen(listener: (requestId: string) => void): void
}

/** `refused`: its balance did not cover an order. `spent`: a charge took the last of it. */
export type ShortageCause = 'refused' | 'spent'

/** The accounts that could not pay lately, or have spent all: known to this process alone. */
export interface Shortages {
  note(accountId: string, cause: ShortageCause, nowMs: number): void
  /** Of the last hour. */
  recent(nowMs: number): { readonly accountId: string; readonly cause: ShortageCause }[]
  /** The account can pay again. */
  forget(accountId: string): void
}

/** `trial`: probes succeed, but files failed; the next file shows whether they work again. */
export type ResultStoreState = 'works' | 'trial' | 'down'

export interface ResultStoreReport {
  readonly state: ResultStoreState
  readonly lastSuccessAtMs: number | null
  readonly lastError: { readonly atMs: number; readonly words: string } | null
}

/** A circuit breaker for the result store, controlled by probes: while it is open nothing is written. */
export interface ResultStore {
  state(): ResultStoreState
  report(): ResultStoreReport
  /** Probes the store unless it was probed a moment ago; never throws. */
  check(): Promise<void>
  /** Probes the store even if it was just probed: there is a sign of trouble. */
  recheck(): Promise<void>
  /**
   * Runs work that writes a file to the store. Throws StoreDown as soon as the store is known not to work,
   * even if `work` hangs; and anything `work` throws. If the work takes long, the store is probed.
   */
  use<Result>(taskId: string, work: (signal: AbortSignal) => Promise<Result>): Promise<Result>
}

/** DATA_DIR/media, the folder for stored and received files: the same folder for the life of the process. */
export interface MediaRoot {
  readonly path: string
  /**
   * Called at the start, and before each write below it. Creates the folder if there has been none; throws if
   * it is not the same, or unusable: an unusable first folder is recorded once it works.
   */
  enter(): Promise<void>
  /** Throws if it is not the same folder as at the start; then missing files prove nothing. */
  requireSame(): Promise<void>
  isSame(): Promise<boolean>
}

/** The gateways that serve the store, this one among them. */
export interface Instances {
  /** What this one claims bears it. Null: it is alone on its store. */
  readonly id: string | null
  /** How many serve the store now, and which of them, from 0, this one is; null: it has only just come. */
  standing(): { readonly count: number; readonly rank: number | null }
  /** Whether this one does what one of them does for all. */
  isFirst(): boolean
}

export interface Context {
  readonly db: Database
  readonly instances: Instances
  readonly config: Config
  readonly catalog: LiveCatalog
  /** By name; an alias is an entry of its own, with the keys and adapter of its upstream. */
  readonly upstreams: ReadonlyMap<string, Upstream>
  /** The only way to fetch URLs named by customers or upstreams. */
  readonly guard: Guard
  /** For hosts that the operator configured; never for any other URL. */
  readonly trustedHttp: TrustedHttp
  readonly mediaRoot: MediaRoot
  /** Whether results can be stored now. */
  readonly resultStore: ResultStore
  /** The gateway's time: see `time`. */
  readonly clock: Clock
  /** Whether the clock can be trusted. Every irreversible action that depends on time checks it first. */
  readonly time: Time
  readonly log: Logger
  readonly metrics: Metrics
  readonly changes: Changes
  readonly shortages: Shortages
  /** There may be work for this loop now. Without it, the work is found later. */
  readonly wake: (loop: LoopName) => void
}

/** A transaction, and the time of what it writes. */
export interface TimedTx {
  readonly tx: Tx
  readonly nowMs: number
}

/** Done in the same transaction as what it is told of; if it throws, nothing has happened. */
export type InCommit<Done> = (at: TimedTx, done: Done) => Promise<void>

/** The same for steps that also need something from outside. */
export interface Scope extends TimedTx {
  readonly ctx: Context
}
