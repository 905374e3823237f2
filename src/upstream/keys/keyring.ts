// The keys of one upstream: which are usable now and for how many submits, which are paused, which rest.
import type { CallResult } from '../call.ts'
import { inFlightMax, limitSettings, partOf } from '../rate-limits/limit-settings.ts'
import type { LimitSettings, Standing } from '../rate-limits/limit-settings.ts'
import { nothing, notLimited } from './settled.ts'
import type { Settled } from './settled.ts'
import { attemptEndOf, HeldKey, isAnswer, statusOfKey, troubleOf } from './held-key.ts'
import type { AnsweredSubmit, KeyLease, KeyReport, UpstreamKey } from './held-key.ts'
import { fingerprintIn, isFree, keyStatusOf } from './key-mark.ts'
import type { KeysInForce } from './key-mark.ts'
import { OrdersInTrouble } from './key-blame.ts'
import { createPollLimits } from '../rate-limits/polls.ts'
import type { LimitedPoll } from '../rate-limits/polls.ts'

export class KeyRing {
  readonly #held: readonly HeldKey[]
  /** Nothing is ordered with these. */
  readonly #pollsOnly: readonly HeldKey[]
  readonly #inForce: KeysInForce
  readonly #troubles = new OrdersInTrouble()
  readonly #limitedPolls = createPollLimits()
  readonly #limit: LimitSettings
  #turn = 0

  constructor(
    keys: readonly string[],
    limit: LimitSettings = limitSettings('auto'),
    { pollsOnlyKeys = [], place = '' }: Partial<Omit<KeysInForce, 'keys'>> = {},
  ) {
    this.#inForce = { keys, pollsOnlyKeys, place }
    this.#limit = limit
    this.#held = keys.map((key) => new HeldKey(key, limit, place))
    this.#pollsOnly = pollsOnlyKeys.map((key) => new HeldKey(key, limit, place))
  }

  /** A key for a call other than a submit, in rotation; or when one may be used. */
  pick(nowMs: number): UpstreamKey | { readonly waitUntil: number } {
    this.#turn += 1
    const key = this.#inTurn().find((each) => each.freeAt(nowMs) <= nowMs)
    if (key) return key
    return { waitUntil: Math.min(Infinity, ...this.#held.map((each) => each.freeAt(nowMs))) }
  }

  /** How many submits may begin now with all keys together; `caution` tells which orders. */
  room(nowMs: number): number {
    return this.#open(nowMs) || (this.#tryable(nowMs) ? 1 : 0)
  }

  /**
   * Which orders may be posted while every key with room is only suspected or has just paused after a 429.
   * `try`: one whose account met no trouble. `probe`: any, preferably such a one. Null: in the normal order.
   */
  caution(nowMs: number): 'try' | 'probe' | null {
    if (this.#open(nowMs) === 0) return this.#tryable(nowMs) ? 'try' : null
    const open = this.#held.filter((key) => key.room(nowMs) > 0)
    return open.every((key) => key.isUncertain) ? 'probe' : null
  }

  /** No key can be used: an order that can go elsewhere need not wait here, unless it is to be the test. */
  isOutOfOrder(): boolean {
    return this.#held.every((key) => key.isOutOfOrder)
  }

  /** No key can be used, and one is to be tested now. */
  wantsTest(nowMs: number): boolean {
    return this.isOutOfOrder() && this.#held.some((key) => key.wantsTest(nowMs))
  }

  /** Whether this order has met trouble, with whichever key. */
  isInTrouble(requestId: string): boolean {
    return this.#troubles.has(requestId)
  }

  /** Extra leases to take, so that orders that met trouble with a key can get another. */
  spareFor(requestIds: readonly string[]): number {
    return requestIds.some((id) => this.isInTrouble(id)) ? this.#held.length - 1 : 0
  }

  /**
   * Takes the lease that suits the order best: for an order in trouble one of another key, whose account at
   * the upstream may differ. Undefined if none is left.
   */
  choose(leases: KeyLease[], requestId: string): KeyLease | undefined {
    const met = this.#troubles.keysOf(requestId)
    if (met.length === 0) return leases.shift()
    // A key the order met no trouble with comes first, then the one whose trouble is longest ago.
    const ranks = leases.map(({ fingerprint }) =>
      met.includes(fingerprint) ? met.indexOf(fingerprint) : met.length,
    )
    return leases.splice(ranks.indexOf(Math.max(...ranks)), 1)[0]
  }

  /**
   * Whether this account's orders contributed to a pause, or to a present or possible suspicion, of a key.
   */
  isTroubled(accountId: string): boolean {
    return this.#held.some((key) => key.isTroubled(accountId))
  }

  /** Whether a key has paused because an order for this model was answered 429. */
  isLimitedModel(modelId: string): boolean {
    return this.#held.some((key) => key.isLimitedModel(modelId))
  }

  #tryable(nowMs: number): HeldKey | undefined {
    return this.#held.find((key) => key.mayTry(nowMs))
  }

  #open(nowMs: number): number {
    const inFlight = sum(this.#held.map(({ limit }) => limit.report().inFlight))
    return Math.max(0, Math.min(inFlightMax - inFlight, sum(this.#held.map((key) => key.room(nowMs)))))
  }

  /** Free slots under the limits, whether or not a submit may begin yet. */
  free(): number {
    const reports = this.#held.map(({ limit }) => limit.report())
    const free = sum(reports.map(({ limit, inFlight }) => Math.max(0, limit - inFlight)))
    return Math.max(0, Math.min(inFlightMax - sum(reports.map(({ inFlight }) => inFlight)), free))
  }

  /** Time until there is more room, if that takes milliseconds and does not depend on answers. */
  roomInMs(nowMs: number): number | null {
    const waits = this.#held.flatMap((key) => (key.rest.current ? [] : (key.limit.roomInMs(nowMs) ?? [])))
    return waits.length === 0 ? null : Math.min(...waits)
  }

  /** Up to `max` leases, from the keys in rotation. Each must be given back, or settled with its answer. */
  take(max: number, nowMs: number): KeyLease[] {
    this.#turn += 1
    const keys = this.#inTurn().map((key) => ({ key, left: key.room(nowMs) }))
    const leases: KeyLease[] = []
    let left = Math.min(max, this.#open(nowMs))
    while (left > 0) {
      for (const from of keys) {
        if (left === 0 || from.left === 0) continue
        leases.push(from.key.lease(nowMs))
        from.left -= 1
        left -= 1
      }
    }
    return leases
  }

  /** A lease for an order under caution `try`, if one is still available. */
  takeToTry(nowMs: number): KeyLease[] {
    const key = this.#tryable(nowMs)
    return key ? [key.lease(nowMs)] : []
  }

  /** The order is posted now. */
  posted(lease: KeyLease, nowMs: number): void {
    this.#find(lease.fingerprint)?.limit.posted(lease.attempt, nowMs)
  }

  /** Several instances order with the same keys, and share what may be in flight. */
  share(standing: Standing): void {
    for (const { limit } of this.#held) limit.restrict(partOf(this.#limit, standing))
  }

  /** The keys that nothing is ordered with for now, because one was answered 429. */
  pauses(nowMs: number): { readonly fingerprint: string; readonly pausedUntil: number }[] {
    return this.#held
      .map((key) => ({ fingerprint: key.fingerprint, pausedUntil: key.pausedUntil(nowMs) }))
      .filter(({ pausedUntil }) => pausedUntil > nowMs)
  }

  get fingerprints(): readonly string[] {
    return this.#held.map(({ fingerprint }) => fingerprint)
  }

  /** Nothing was posted with this lease. */
  giveBack(lease: KeyLease, nowMs: number): void {
    const key = this.#find(lease.fingerprint)
    if (key?.limit.end(lease.attempt, 'other', nowMs) && lease.beginning.isProbe) key.rest.endProbe()
  }

  /** The answer to a submit has arrived: frees its slot and updates the key. Called once per lease. */
  settle(lease: KeyLease, { outcome, order, nowMs }: AnsweredSubmit): Settled {
    const { requestId } = order
    const key = this.#find(lease.fingerprint)
    const makesRoom = this.room(nowMs) === 0
    const limited = (outcome.kind === 'rate_limited' && key?.limited(lease, outcome, order)) || notLimited
    if (!key?.limit.end(lease.attempt, limited.scope === 'key' ? attemptEndOf(outcome) : 'other', nowMs)) {
      const restsUntil = this.#restsUntil(nowMs)
      return { restsUntil, troubles: nothing, isProven: false, limited, change: null, makesRoom: false }
    }
    if (limited.revokes) key.limit.revoke(nowMs)
    const before = key.rest.current?.reason ?? null
    const status = troubleOf(outcome)
    const isProven = status !== null && this.#troubles.isProven(requestId, status, lease.fingerprint)
    key.learn(lease, { outcome, order: { ...order, isProven }, nowMs })
    const after = key.rest.current?.reason ?? null
    if (isAnswer(outcome)) {
      const kind = outcome.kind === 'accepted' ? 'accepted' : 'otherwise'
      this.#troubles.answered(requestId, kind, lease.fingerprint)
      key.limits.answered(order)
      this.#limitedPolls.answered(key.fingerprint, '')
    }
    // A refused key counts against the order only if the upstream accepts the key from others.
    const isShared = after === 'suspected' || order.isAtWrongAddress === true || status === statusOfKey
    return {
      restsUntil: this.#restsUntil(nowMs),
      troubles:
        status === null
          ? nothing
          : this.#troubles.met(requestId, { status, isShared, key: lease.fingerprint }),
      isProven,
      limited,
      change: before === after ? null : (after ?? 'works'),
      makesRoom: makesRoom || (after === null) !== (before === null),
    }
  }

  /** A poll for this task with this key was answered 429. */
  limitedPoll(mark: string | null, workId: string): LimitedPoll {
    return this.#limitedPolls.met(fingerprintIn(mark ?? ''), workId)
  }

  /** The upstream itself answered a poll for this task. Returns true if that ends a key's suspicion. */
  polled(mark: string | null, workId: string): boolean {
    this.#troubles.polled()
    this.#limitedPolls.answered(fingerprintIn(mark ?? ''), workId)
    return this.#held.filter((key) => key.polled()).length > 0
  }

  /**
   * The key that ordered the task; if no longer configured, the others in rotation, since one may belong to
   * the same account.
   */
  keyFor(mark: string | null): UpstreamKey | null {
    const own = this.#find(mark)
    if (own) return own
    this.#turn += 1
    return this.#inTurn()[0] ?? this.#pollsOnly[0] ?? null
  }

  /** Whether a task is polled with its ordering key and address; if not, "unknown task" proves nothing. */
  isOwn(mark: string | null): boolean {
    return mark !== null && (isFree(mark) || keyStatusOf(mark, this.#inForce) === 'known')
  }

  /** Until when this key must not poll. */
  pausedUntil(mark: string, nowMs: number): number {
    return this.#find(mark)?.pollsPausedUntil(nowMs) ?? 0
  }

  /** The upstream answered 429: `what` pauses for this key; then submits start one by one. */
  pause(mark: string, what: 'all' | 'polls', { untilMs, nowMs }: { untilMs: number; nowMs: number }): void {
    this.#find(mark)?.pause(what, untilMs, nowMs)
  }

  /** The clock was moved: remaining waiting times stay the same. */
  shift(byMs: number): void {
    for (const key of [...this.#held, ...this.#pollsOnly]) key.shift(byMs)
  }

  /** Records the result of a call with this key. */
  noteCall(key: string, result: CallResult, nowMs: number): void {
    const all = [...this.#held, ...this.#pollsOnly]
    all.find((each) => each.key === key)?.calls.note(result, nowMs)
  }

  report(nowMs: number): KeyReport[] {
    return this.#held.map((key) => key.report(nowMs))
  }

  /** The same for the keys that only poll. */
  reportPollsOnly(nowMs: number): KeyReport[] {
    return this.#pollsOnly.map((key) => key.report(nowMs))
  }

  /** Finds a key by its fingerprint or mark. */
  #find(mark: string | null): HeldKey | undefined {
    const fingerprint = fingerprintIn(mark ?? '')
    return [...this.#held, ...this.#pollsOnly].find((key) => key.fingerprint === fingerprint)
  }

  #inTurn(): HeldKey[] {
    const first = this.#turn % Math.max(1, this.#held.length)
    return [...this.#held.slice(first), ...this.#held.slice(0, first)]
  }

  #restsUntil(nowMs: number): number | null {
    const times = this.#held.map(({ rest }) => (rest.isOpen(nowMs) ? null : (rest.current?.until ?? null)))
    return times.includes(null) ? null : Math.min(...times.filter((time) => time !== null))
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0)
