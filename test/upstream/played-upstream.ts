// An upstream and a poll loop on a virtual clock: as many orders as there is room for, answered or refused with 429.
import type { Attempt, ConcurrencyLimit } from '../../src/upstream/rate-limits/concurrency-limit.ts'

export interface PlayedWorld {
  /** How many the upstream holds at once; the others are refused. */
  readonly hardLimit: number
  readonly answerMs: number
  readonly refusedMs: number
  readonly forMs: number
  readonly fromMs?: number
  /** Of so many places one is left free, and of more as many more. */
  readonly leavesOneOf?: number
}

interface Answer {
  readonly atMs: number
  readonly attempt: Attempt
}

const pauseMs = 30_000
/** A claim is a commit, so the poll loop comes round no more often. */
const roundMs = 5

export function playUpstream(limit: ConcurrencyLimit, world: PlayedWorld) {
  const { hardLimit, answerMs, refusedMs, forMs, fromMs = 0, leavesOneOf = Infinity } = world
  /** Each in the order of their times. */
  const taken: Answer[] = []
  const refused: Answer[] = []
  const played = { carried: 0, refused: 0, most: 0 }
  let pausedUntil = fromMs
  for (let nowMs = fromMs; nowMs < fromMs + forMs || taken.length > 0; nowMs += roundMs) {
    while (taken[0] && taken[0].atMs <= nowMs) {
      limit.end((taken.shift() as Answer).attempt, 'answered', nowMs)
      played.carried += 1
    }
    while (refused[0] && refused[0].atMs <= nowMs) {
      limit.end((refused.shift() as Answer).attempt, 'rate_limited', nowMs)
      played.refused += 1
      pausedUntil = nowMs + pauseMs
    }
    if (nowMs >= fromMs + forMs || nowMs < pausedUntil) continue
    const most = limit.report().limit
    const wanted = Math.max(1, most - Math.ceil(most / leavesOneOf))
    for (let room = limit.room(nowMs); room > 0; room -= 1) {
      if (leavesOneOf < Infinity && taken.length + refused.length >= wanted) break
      const attempt = limit.begin(nowMs)
      if (taken.length < hardLimit) taken.push({ atMs: nowMs + answerMs, attempt })
      else refused.push({ atMs: nowMs + refusedMs, attempt })
      played.most = Math.max(played.most, taken.length + refused.length)
    }
  }
  return played
}
