// What the answer to a submit means: whether paid work is under way, may be, or certainly is not.
import type { SubmitOutcome } from '../adapter.ts'
import type { Clock } from '../../clock.ts'
import type { CallResult } from '../call.ts'
import { answerIn, isForeign, isPage, isSuccess, retryAfterMs, type Answer } from './answer.ts'
import { reasons } from '../../reasons.ts'
import type { AnswerRules, Meaning } from './rules.ts'
import { detailFrom } from './reason.ts'
import { idsInLocation, isPlaceOfWork } from './location.ts'
import { readTaskIds } from './task-ids.ts'
import type { Envelope } from './wire.ts'

export interface Submitted {
  readonly rules: AnswerRules
  /** What stands before an id in the path of a query. */
  readonly operation: string
  /** How many outputs were ordered. */
  readonly count: number
  /** The body that was posted: ids echoed from it name no work. */
  readonly sent: string
  readonly clock: Clock
  /** Removed from the details. */
  readonly secrets: readonly string[]
}

/** Ids beyond the ordered number: each may be work to pay for and is checked; more than this is nonsense. */
const extraIdsMax = 64

/** Every way the call can end has an outcome. */
export function submitOutcome(result: CallResult, submitted: Submitted): SubmitOutcome {
  const { secrets } = submitted
  if (result.kind === 'not_connected') {
    return { kind: 'not_accepted', detail: detailFrom('not connected', result.detail, secrets) }
  }
  const answer = answerIn(result, secrets)
  if (answer) return outcomeOf(answer, submitted)
  const detail = detailFrom(result.kind, result.kind === 'answer' ? undefined : result.detail, secrets)
  if (result.kind === 'broken') return { kind: 'ambiguous', cause: 'broken_connection', detail }
  return { kind: 'unknown', detail }
}

function outcomeOf(answer: Answer, submitted: Submitted): SubmitOutcome {
  const { rules, operation, count, sent, clock } = submitted
  const { status } = answer
  // Ids name paid work, whatever else the answer says: posting again would pay twice.
  const max = count + extraIdsMax
  const { ids, omitted } = readTaskIds(answer, { ordered: count, max, sent, isRefused: status === 429 })
  if (ids.length > 0) {
    const isCut = !answer.isWhole && ids.length < count
    return {
      kind: 'accepted',
      taskIds: ids,
      ...(omitted > 0 && { idsOmitted: omitted }),
      ...(isCut && { isCut: true }),
    }
  }
  const inLocation = idsInLocation(answer.headers, sent)
  // 303 "See Other" is a common answer to an accepted order, and so is a `Location` that names its work.
  const namesWork = inLocation.length > 0 || isPlaceOfWork(answer.headers, operation)
  if (status === 303 || (namesWork && status < 400)) {
    return inDoubt(answer, rules, { inLocation, namesWork, count })
  }
  const { detail } = answer
  const meaning = rules.meaningOf(answer)
  if (status === 429 || meaning?.kind === 'rate_limited') {
    const patienceMs = retryAfterMs(answer, clock)
    return { kind: 'rate_limited', retryAfterMs: patienceMs, detail, ...(isPage(answer) && { isPage: true }) }
  }
  if (status === 401) {
    const isOwn = rules.isOwn(answer)
    return { kind: 'key_rejected', detail, ...(!isOwn && { isForeign: true }) }
  }
  // With a 5xx a code does not prove that nothing was made; only the documented retry is taken from it.
  if (meaning?.kind === 'retry') return { kind: 'retry_documented', detail }
  if (meaning?.kind === 'key' && status < 500) return { kind: 'key_rejected', detail }
  if (meaning?.kind === 'unclear' && status < 500) return { kind: 'unknown', detail }
  if (meaning?.kind === 'order_trouble' && status < 500) return { ...meaning, detail }
  if (isSuccess(status)) return outcomeOfSuccess(answer, rules)
  // Redirects are not followed; what others than a 303 mean is not documented.
  if (status < 400) return { kind: 'ambiguous', cause: 'redirect', detail }
  if (status === 408 || status >= 500) {
    return { kind: 'ambiguous', cause: 'server_error', detail }
  }
  if (isTroubleWhoeverSpeaks(status) || !rules.isOwn(answer)) {
    return { kind: 'order_trouble', status, detail }
  }
  return { kind: 'refused', reason: reasonOf(meaning, status), detail }
}

interface Place {
  readonly inLocation: readonly string[]
  readonly namesWork: boolean
  readonly count: number
}

/**
 * The order is not posted again. The ids in `Location` count if there are no more than were ordered, in an
 * answer that says the order was accepted; missing ids may still arrive by callback.
 */
function inDoubt(answer: Answer, rules: AnswerRules, { inLocation, namesWork, count }: Place): SubmitOutcome {
  const isTaken = answer.status === 303 || isSuccess(answer.status)
  if (isTaken && inLocation.length > 0 && inLocation.length <= count) {
    return { kind: 'accepted', taskIds: inLocation, ...(inLocation.length < count && { isCut: true }) }
  }
  const isForeignPage = !namesWork && isForeign(answer, rules)
  return { kind: 'unknown', detail: answer.detail, ...(isForeignPage && { isForeign: true }) }
}

/**
 * Statuses about payment, permission and path: a firewall sends them for one order, or a wrong address for
 * all; no upstream documents them.
 */
const isTroubleWhoeverSpeaks = (status: number): boolean => [402, 403, 405, 410, 451].includes(status)

/** A success without ids: refused by a code, or of a shape that hides the outcome. */
function outcomeOfSuccess(answer: Answer, rules: AnswerRules): SubmitOutcome {
  const { envelope } = answer
  const meaning = rules.meaningOf(answer)
  const isRefusal = envelope && !rules.claimsSuccess(envelope.code) && rules.isOwn(answer)
  // With an undocumented code, `data` may contain the ids in an unknown shape.
  if (isRefusal && (meaning || isEmpty(envelope))) {
    return { kind: 'refused', reason: reasonOf(meaning, answer.status), detail: answer.detail }
  }
  const foreign = isForeign(answer, rules)
  return { kind: 'unknown', detail: answer.shape(), ...(foreign && { isForeign: true }) }
}

function isEmpty({ data }: Envelope): boolean {
  if (data === undefined || data === null || data === '') return true
  return typeof data === 'object' && Object.keys(data).length === 0
}

function reasonOf(meaning: Meaning | undefined, status: number): string {
  if (meaning?.kind === 'refused') return meaning.reason
  return status === 413 ? reasons.tooLarge : reasons.refused
}
