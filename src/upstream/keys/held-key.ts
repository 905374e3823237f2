// One key of an upstream: how many submits it may start now, and what its answers have revealed.
import type { SubmitOutcome } from '../adapter.ts'
import { CallLog } from './call-log.ts'
import type { CallReport } from './call-log.ts'
import { ConcurrencyLimit } from '../rate-limits/concurrency-limit.ts'
import type { Attempt, AttemptEnd, LimitReport } from '../rate-limits/concurrency-limit.ts'
import type { LimitSettings } from '../rate-limits/limit-settings.ts'
import { KeyBlame } from './key-blame.ts'
import type { Blamed } from './key-blame.ts'
import { fingerprintOf, markOf } from './key-mark.ts'
import { KeyRest } from './key-rest.ts'
import type { Beginning, RestReason } from './key-rest.ts'
import { LimitBlame } from '../rate-limits/blame.ts'
import type { Limited, OrderScopes } from '../rate-limits/blame.ts'

export interface UpstreamKey {
  readonly key: string
  /** Identifies the key without revealing it. */
  readonly fingerprint: string
  /** As stored in rows: the fingerprint and the base URL's hash. */
  readonly mark: string
}

/** A key that one submit holds, from before its attempt is stored until its answer arrives. */
export interface KeyLease extends UpstreamKey {
  readonly attempt: Attempt
  readonly beginning: Beginning
}

/** What the upstream answered to a submit, and to whose order. */
export interface AnsweredSubmit {
  readonly outcome: SubmitOutcome
  readonly order: Blamed
  readonly nowMs: number
}

export interface KeyReport {
  readonly fingerprint: string
  readonly state: 'ready' | 'paused' | RestReason
  readonly until: number | null
  readonly detail: string | null
  readonly calls: CallReport
  readonly submits: LimitReport
}

/** After a pause, orders other than those that got the 429 go first, until this many are answered. */
const answersAfterPause = 8
/** A foreign answer with a success status. */
const pageStatus = 200
/** Stands for any redirect of an order. */
const statusOfRedirect = 302

interface Pause {
  readonly since: number
  readonly until: number
}

/** A clock that was set back must not make the pause longer. */
const endOf = ({ since, until }: Pause, nowMs: number): number => (nowMs < since ? 0 : until)

const shifted = ({ since, until }: Pause, byMs: number): Pause => ({
  since: since + byMs,
  until: until + byMs,
})

/** The upstream itself has read the order. */
export function isAnswer({ kind }: SubmitOutcome): boolean {
  return kind === 'accepted' || kind === 'refused' || kind === 'retry_documented'
}

/** A key that does not rest, but found no connection. */
const testEveryMs = 5_000

export class HeldKey implements UpstreamKey {
  readonly key: string
  readonly fingerprint: string
  readonly mark: string
  readonly limit: ConcurrencyLimit
  readonly rest = new KeyRest()
  readonly #blame = new KeyBlame()
  readonly limits = new LimitBlame()
  readonly calls = new CallLog()
  #paused = { since: 0, until: 0 }
  #pollsPaused = { since: 0, until: 0 }
  /** After a pause for a 429: answers still missing before orders are posted in their normal order. */
  #answersMissing = 0

  constructor(key: string, limit: LimitSettings, place: string) {
    this.key = key
    this.fingerprint = fingerprintOf(key)
    this.mark = markOf(key, place)
    this.limit = new ConcurrencyLimit(limit)
  }

  /** For submits. */
  pausedUntil(nowMs: number): number {
    return endOf(this.#paused, nowMs)
  }

  pollsPausedUntil(nowMs: number): number {
    return Math.max(this.pausedUntil(nowMs), endOf(this.#pollsPaused, nowMs))
  }

  pause(what: 'all' | 'polls', untilMs: number, nowMs: number): void {
    if (what === 'polls') {
      if (untilMs > endOf(this.#pollsPaused, nowMs)) this.#pollsPaused = { since: nowMs, until: untilMs }
      return
    }
    if (untilMs <= this.pausedUntil(nowMs)) return
    this.#paused = { since: nowMs, until: untilMs }
    this.#answersMissing = answersAfterPause
    this.limit.restart()
  }

  /** It is unknown whether the key is good for orders: suspected, or shortly after a pause. */
  get isUncertain(): boolean {
    return (
      this.rest.current?.reason === 'suspected' || (this.rest.current === null && this.#answersMissing > 0)
    )
  }

  shift(byMs: number): void {
    this.#paused = shifted(this.#paused, byMs)
    this.#pollsPaused = shifted(this.#pollsPaused, byMs)
    this.rest.shift(byMs)
    this.limit.shift(byMs)
  }

  /** When the key may be used for calls other than submits: uploads do not wait because of a suspicion. */
  freeAt(nowMs: number): number {
    const rest = this.rest.current
    const restsUntil = rest?.reason === 'rejected' && !this.rest.isOver(nowMs) ? rest.until : 0
    return Math.max(this.pausedUntil(nowMs), restsUntil)
  }

  /** How many submits may begin now. */
  room(nowMs: number): number {
    if (this.pausedUntil(nowMs) > nowMs || !this.rest.isOpen(nowMs)) return 0
    const room = this.limit.room(nowMs)
    return this.rest.current ? Math.min(1, room) : room
  }

  /** Whether an order without known trouble may be posted although the key is suspected. */
  mayTry(nowMs: number): boolean {
    return this.pausedUntil(nowMs) <= nowMs && this.rest.mayTry(nowMs) && this.limit.room(nowMs) > 0
  }

  isTroubled(accountId: string): boolean {
    return (
      this.#blame.isTroubled(accountId) || (this.#answersMissing > 0 && this.limits.isOftenLimited(accountId))
    )
  }

  /** An order was answered 429 with this key. */
  limited({ attempt }: KeyLease, { isPage }: { readonly isPage?: boolean }, order: OrderScopes): Limited {
    const { begun } = this.limit
    return this.limits.met(order, { isPage: isPage === true, attempt: attempt.number, begun })
  }

  /** Whether the key paused because an order for this model was answered 429. */
  isLimitedModel(modelId: string): boolean {
    return this.#answersMissing > 0 && this.limits.hasPausedFor(modelId)
  }

  /** It rests, or the last calls found no connection. */
  get isOutOfOrder(): boolean {
    return this.rest.current !== null || this.calls.isUnreachable
  }

  /** Whether the next order should find out if it works again. */
  wantsTest(nowMs: number): boolean {
    if (this.rest.current) return this.rest.isOpen(nowMs)
    const { lastError } = this.calls.report()
    return lastError === null || Math.abs(nowMs - lastError.atMs) >= testEveryMs
  }

  lease(nowMs: number): KeyLease {
    const { key, fingerprint, mark } = this
    return { key, fingerprint, mark, beginning: this.rest.begin(nowMs), attempt: this.limit.reserve(nowMs) }
  }

  /** Updates the key's state from the answer to a submit, as far as that concerns more than the one order. */
  learn(lease: KeyLease, { outcome, order, nowMs }: AnsweredSubmit): void {
    if (lease.beginning.isProbe) this.rest.endProbe()
    if (outcome.kind !== 'not_accepted') this.#blame.connected()
    if (isAnswer(outcome)) {
      this.#answersMissing = Math.max(0, this.#answersMissing - 1)
      this.#blame.answered(outcome.kind === 'accepted')
      // Regardless of when the submit began: if the suspicion was right, the next orders bring it back.
      if (this.rest.current?.reason === 'suspected' && !this.#blame.isShared) this.#works()
    }
    if (!this.rest.tells(lease.beginning)) return
    const found = this.#findingOf(outcome, order, lease)
    if (found === 'works') this.#works()
    else if (found) this.rest.start(found, 'detail' in outcome ? outcome.detail : outcome.kind, nowMs)
  }

  /** The upstream itself answered a poll. Returns true if that ends a suspicion. */
  polled(): boolean {
    this.#blame.polled()
    if (this.rest.current?.reason !== 'suspected' || this.#blame.isShared) return false
    this.#works()
    return true
  }

  #works(): void {
    // A suspicion said nothing about how many may be in flight.
    if (this.rest.current && this.rest.current.reason !== 'suspected') this.limit.restart()
    this.rest.stop()
  }

  /** Null if the answer has no consequence for the key. */
  #findingOf(outcome: SubmitOutcome, order: Blamed, lease: KeyLease): RestReason | 'works' | null {
    const resting = this.rest.current?.reason ?? null
    switch (outcome.kind) {
      case 'accepted':
        return 'works'
      case 'refused':
      case 'retry_documented':
        // The upstream reads orders, which does not prove that the account has credit for one.
        return resting === 'suspected' && this.#blame.isShared ? null : 'works'
      case 'key_rejected':
        return order.isProven === true ? null : 'rejected'
      case 'not_accepted':
        return this.#blame.unconnected(order.requestId) || resting ? 'unreachable' : null
      case 'order_trouble':
        if (this.#isSuspect(order, outcome.status, lease)) return 'suspected'
        break
      case 'unknown':
        if (outcome.isForeign && this.#isSuspect(order, pageStatus, lease)) return 'suspected'
        break
      case 'ambiguous':
        if (outcome.cause === 'redirect' && this.#isSuspect(order, statusOfRedirect, lease))
          return 'suspected'
        break
      case 'rate_limited':
    }
    // The upstream is reachable; nothing more is known.
    return resting === 'unreachable' ? 'works' : resting
  }

  /**
   * A firewall refuses at once, while the upstream takes seconds to answer: attempts that began before the
   * first of these troubles are waited for, since they show whether others are answered.
   */
  #isSuspect(order: Blamed, status: number, { attempt }: KeyLease): boolean {
    const isShared = this.#blame.troubled(order, status, attempt.number)
    if (this.rest.current?.reason === 'suspected') return isShared
    return isShared && !this.limit.isOpenBefore(this.#blame.firstAttempt)
  }

  report(nowMs: number): KeyReport {
    const { fingerprint } = this
    const common = { fingerprint, calls: this.calls.report(), submits: this.limit.report() }
    const rest = this.rest.current
    const pausedUntil = this.pausedUntil(nowMs)
    if (rest) return { ...common, state: rest.reason, until: rest.until, detail: rest.detail }
    if (this.calls.isUnreachable) {
      return { ...common, state: 'unreachable', until: null, detail: common.calls.lastError?.words ?? null }
    }
    if (pausedUntil > nowMs) {
      return { ...common, state: 'paused', until: pausedUntil, detail: 'The upstream answered 429.' }
    }
    return { ...common, state: 'ready', until: null, detail: null }
  }
}

export const statusOfKey = 401

/** The status of an answer that may be the order's own trouble; null for any other answer. */
export function troubleOf(outcome: SubmitOutcome): number | null {
  if (outcome.kind === 'key_rejected') return statusOfKey
  if (outcome.kind === 'ambiguous' && outcome.cause === 'redirect') return statusOfRedirect
  return outcome.kind === 'order_trouble' ? outcome.status : null
}

export function attemptEndOf(outcome: SubmitOutcome): AttemptEnd {
  if (outcome.kind === 'rate_limited') return 'rate_limited'
  // A firewall refuses at once: that says nothing about the upstream's answer time or capacity.
  return isAnswer(outcome) ? 'answered' : 'other'
}
