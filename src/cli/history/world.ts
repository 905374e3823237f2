// What everybody in a history is handed: the gateway's inside, its upstream, time, chance.
import type { Sandbox } from '../../../sandbox/sandbox.ts'
import type { Context } from '../../context.ts'
import type { Agenda } from './agenda.ts'
import type { Part } from './drawn/cast.ts'
import type { Chance } from './drawn/chance.ts'
import type { Engine } from './engine.ts'
import type { Span } from './drawn/rhythm.ts'

/** A customer, from when it has an account on. */
export interface Customer {
  readonly part: Part
  readonly accountId: string
  /** Secrets of its keys; most orders come with the first. */
  readonly keys: string[]
  /** It has not enough credits, and is about to buy some. */
  isBuying: boolean
}

export interface World {
  readonly ctx: Context
  readonly sandbox: Sandbox
  readonly engine: Engine
  readonly agenda: Agenda
  readonly chance: Chance
  readonly span: Span
  /** Something is wrong, or may be: the rules of the alerts are looked at for an hour. */
  watchClosely(): void
  /** Webhooks may have come up. */
  deliverSoon(): void
}
