// What the answer to a query says about a task: "Open API", Query Task.
import type { Clock } from '../../clock.ts'
import type { Observation, UpstreamResult } from '../adapter.ts'
import { answerIn, isForeign, isSuccess, retryAfterMs } from '../answers/answer.ts'
import type { Answer } from '../answers/answer.ts'
import { detailFrom, reasonFrom } from '../answers/reason.ts'
import { member, membersOf, taskIdIn, urlIn } from '../answers/wire.ts'
import type { Members } from '../answers/wire.ts'
import type { CallResult } from '../call.ts'
import { errorTypeOf, openApiRules } from './rules.ts'

export interface Asked {
  readonly upstreamTaskId: string
  readonly clock: Clock
  /** Removed from details and reasons. */
  readonly secrets: readonly string[]
}

export function observationIn(result: CallResult, asked: Asked): Observation {
  const { secrets } = asked
  const answer = answerIn(result, secrets)
  if (!answer) {
    const said = result.kind === 'answer' ? undefined : result.detail
    return { kind: 'unclear', detail: detailFrom(result.kind, said, secrets) }
  }
  const { status, detail } = answer
  const rules = openApiRules(secrets)
  const meaning = rules.meaningOf(answer)
  if (status === 429 || meaning?.kind === 'rate_limited') {
    return { kind: 'rate_limited', retryAfterMs: retryAfterMs(answer, asked.clock), detail }
  }
  if (status === 401 || meaning?.kind === 'key') return { kind: 'key_rejected', detail }
  // With HTTP 404 it is the path that is not there: a wrong base_url says nothing about the task.
  if (isSuccess(status) && errorTypeOf(answer) === 'not_found') return { kind: 'missing', detail }
  const task = taskIn(answer)
  if (task) return observationOf(task, answer, asked)
  const foreign = isForeign(answer, rules) || status === 404
  return { kind: 'unclear', detail: answer.shape(), ...(foreign && { isForeign: true }) }
}

/** In `data`, or beside it, where the SDKs of the Open API read it. */
function taskIn({ status, envelope }: Answer): Members | null {
  if (!isSuccess(status) || !envelope || !openApiRules([]).claimsSuccess(envelope.code)) return null
  const places = [envelope.data, envelope.members].map(membersOf)
  return places.find((place) => place && member(place, 'task_status') !== undefined) ?? null
}

function observationOf(task: Members, answer: Answer, { upstreamTaskId, secrets }: Asked): Observation {
  const id = member(task, 'task_id')
  if (id !== undefined && taskIdIn(id) !== upstreamTaskId) {
    return { kind: 'unclear', detail: detailFrom('an answer about another task', undefined, secrets) }
  }
  const { detail } = answer
  // "task_status: 1 queued, 2 running, 3 success, 4 failed".
  switch (String(member(task, 'task_status')).trim()) {
    case '1':
      return { kind: 'pending' }
    case '2':
      return { kind: 'running' }
    case '3': {
      const result = resultOf(task)
      if (result) return { kind: 'succeeded', result }
      return { kind: 'unclear', detail: `success without a URL: ${answer.shape()}` }
    }
    case '4': {
      const message = textIn(member(task, 'error_message'))
      const told = `${detail}, failed, ${refundIn(task)}`
      return {
        kind: 'failed',
        reason: reasonFrom(message, [...secrets, upstreamTaskId]),
        detail: detailFrom(told, message, secrets),
      }
    }
    default:
      return { kind: 'unclear', detail: `an unknown status: ${answer.shape()}`, isUnknownStatus: true }
  }
}

function resultOf(task: Members): UpstreamResult | null {
  const [imageUrl, videoUrl, thumbnailUrl] = ['image_url', 'video_url', 'thumbnail_url'].map((name) =>
    urlIn(member(task, name)),
  )
  const type = member(task, 'task_type')
  const isThere = (type === 'image' && imageUrl) || (type === 'video' && videoUrl)
  if (!isThere && (typeof type === 'string' || (!imageUrl && !videoUrl))) return null
  return {
    imageUrl: imageUrl ?? null,
    videoUrl: videoUrl ?? null,
    thumbnailUrl: thumbnailUrl ?? null,
    width: numberIn(task['width']),
    height: numberIn(task['height']),
    durationSeconds: numberIn(task['duration']),
    keptUntilMs: msOf(numberIn(task['result_expires_at'])),
  }
}

function msOf(seconds: number | null): number | null {
  const ms = (seconds ?? Number.NaN) * 1_000
  return Number.isSafeInteger(ms) ? ms : null
}

/** For the operator: whether the site gave back what it had charged. */
function refundIn(task: Members): string {
  const [credits, refunded] = [numberIn(task['credits']), numberIn(task['credits_refunded'])]
  if (credits === null) return 'credits unknown'
  return refunded === null
    ? `${credits} credits, no refund seen`
    : `${refunded} of ${credits} credits refunded`
}

const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const numberIn = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null
