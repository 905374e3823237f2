// What a key or an account may do at most: how much, how often, which models, from where.
import type { Connection } from '../db/database.ts'

/** Of a key, null is always: no such limit. */
export interface RateLimits {
  /** Of an account: null the configured default, 0 no limit. */
  readonly requestsPerMinuteMax: number | null
  readonly tasksInFlightMax: number | null
}

/** Null: no such limit. */
export interface OrderLimits {
  /** Credits, in all. */
  readonly creditsTotalMax: number | null
  readonly creditsPerDayMax: number | null
  /** The ids of the models that it may order. */
  readonly models: readonly string[] | null
  /** The networks that its requests may come from. */
  readonly cidrs: readonly string[] | null
}

export interface KeyLimits extends RateLimits, OrderLimits {}

export const noLimits: KeyLimits = {
  requestsPerMinuteMax: null,
  tasksInFlightMax: null,
  creditsTotalMax: null,
  creditsPerDayMax: null,
  models: null,
  cidrs: null,
}

/** Their columns in a table that has them. */
export function limitColumns(read: Connection, table: 'keys' | 'accounts') {
  const { requestsPerMinuteMax, tasksInFlightMax, creditsTotalMax, creditsPerDayMax, models, cidrs } =
    read.tables[table]
  return { requestsPerMinuteMax, tasksInFlightMax, creditsTotalMax, creditsPerDayMax, models, cidrs }
}
