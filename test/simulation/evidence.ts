// Whether what happened may have happened: a post, a failure, a success. Each answers what speaks against it, or null.
import { isOpen } from './model.ts'
import type { Look, Model, Order, Post, Work } from './model.ts'

/** A task past its limit is looked at this often while nothing is decided. */
const lastPollsMax = 3
const missingMax = 3

/** Another post may follow these, and so may a cancel: it was certainly not taken. */
export const isNotTaken = ({ means }: Post): boolean =>
  means === 'not_taken' || means === 'key_paused' || means === 'documented'

/** Work is posted again only where Keevx documents a retry, and never where the outcome is unknown. */
export function againstPost(model: Model, order: Order, key: string, at: number): string | null {
  if (order.fate === 'absent') return 'its create was refused'
  const tasks = order.taskIds.flatMap((id) => model.tasks.get(id) ?? [])
  const states = tasks.filter(({ cancelled }) => !cancelled).map(({ state }) => state)
  if (tasks.length > 0 && states.length === 0) return 'all of it was cancelled'
  if (states.some((state) => state === 'running' || !isOpen(state))) return 'a task of it runs, or has ended'
  const paused = model.pauses.againstPost(key, order, at)
  if (paused !== null) return paused
  const { posts } = order
  for (const post of posts) {
    const against = againstAnother(model, post)
    if (against !== null) return against
  }
  if (retriesOf(order) >= model.rules.attemptsMax) return 'it was tried as often as is allowed'
  const last = posts.at(-1)
  if (last?.means === 'ambiguous' && at < last.answeredAt + last.pauseMs) return 'it is tried too soon'
  return null
}

function againstAnother({ rules }: Model, { means, givenUp }: Post): string | null {
  switch (means) {
    case 'not_taken':
    case 'key_paused':
    case 'documented':
      return null
    case 'ambiguous':
      if (givenUp) return 'it was given up for unknown before it was answered'
      return rules.ambiguous === 'retry' ? null : 'a 5xx or a reset may mean that it was taken'
    case 'taken':
    case 'refused':
    case 'unknown':
      return `the answer before was "${means}"`
    case null:
      return 'a post before was never answered'
  }
}

const retriesOf = ({ posts }: Order): number =>
  posts.filter(({ means }) => means === 'documented' || means === 'ambiguous').length

interface Row {
  readonly upstream_task_id: string | null
  /** Attempts that were written down; one whose process died may never have reached Keevx. */
  readonly attempts_made: number
  readonly cancelled: number
  readonly image_url: string | null
  readonly video_url: string | null
}

/** A task runs, or ran, as work that Keevx named in answer to its own order. */
export function againstWork(model: Model, order: Order, row: Row): string | null {
  const id = row.upstream_task_id
  const work = model.works.get(id ?? '')
  if (id === null || order.posts.some(({ ids }) => ids.includes(id))) return null
  if (work?.order && work.hintedBy.has(order) && work.looks.some(saysThatItExists)) return null
  return `no answer to its order named ${id}, nor did a callback of it that was found to be true`
}

const saysThatItExists = ({ means }: Look): boolean =>
  means === 'under_way' || means === 'succeeded' || means === 'failed'

export function againstSuccess(model: Model, row: Row): string | null {
  const work = model.works.get(row.upstream_task_id ?? '')
  if (!work) return 'it is no work that Keevx has named'
  const url = row.image_url ?? row.video_url ?? ''
  if (!url.includes(`/${work.id}.`)) return `its result is ${url}`
  return work.looks.some(({ means }) => means === 'succeeded') ? null : 'Keevx never said so'
}

export function againstFailure(model: Model, order: Order, row: Row, at: number): string | null {
  const work = model.works.get(row.upstream_task_id ?? '')
  if (work) return againstFailureOfWork(model, work, at)
  const isHinted = [...model.works.values()].some(({ hintedBy }) => hintedBy.has(order))
  const { rules } = model
  const { posts } = order
  if (posts.some(({ means }) => means === 'refused')) return null
  if (retriesOf(order) >= rules.attemptsMax) return null
  if (posts.some((post) => post.means === 'taken' && namesTooFew(model, order, post))) return null
  const isQueued = posts.every(({ means }) => means !== null && means !== 'taken' && means !== 'unknown')
  if (isQueued && at >= order.at + rules.queueForMs) return null
  const limitMs = rules.giveUpAfterMs[order.model]
  // Where callbacks brought home some of its work, the rest is waited for until the limit.
  const isHeard = (post: Post) => post.means === 'taken' && post.recorded && !isHinted
  const unheard = posts.filter((post) => !isHeard(post)).map((post) => post.at)
  if (row.attempts_made > posts.length) unheard.push(order.at)
  return unheard.some((asked) => at >= asked + limitMs) ? null : 'nothing was refused, lost, or too late'
}

function namesTooFew(model: Model, order: Order, { ids, count }: Post): boolean {
  const isOfAnother = (id: string): boolean =>
    model.works.get(id)?.namings.some((naming) => naming.order !== order) ?? false
  return ids.filter((id) => !isOfAnother(id)).length < count
}

/** From when on a task that runs as this work may be given up. */
export function limitOf(model: Model, { namings, hintedBy }: Work): number {
  const limits = [...hintedBy].map(
    ({ model: name, posts }) => (posts[0]?.at ?? Infinity) + model.rules.giveUpAfterMs[name],
  )
  const named = namings.map(({ order, at }) => at + model.rules.giveUpAfterMs[order.model])
  return Math.min(...limits, ...named)
}

function againstFailureOfWork(model: Model, work: Work, at: number): string | null {
  const { looks } = work
  const answered = looks.filter(({ means }) => means !== null)
  if (answered.some(({ means }) => means === 'failed')) return null
  if (answered.filter(({ means }) => means === 'missing').length >= missingMax && mayBeLost(answered))
    return null
  const limit = limitOf(model, work)
  const last = answered.filter((look) => look.at >= limit)
  const isDecided = last.some(({ means }) => means === 'under_way') || last.length >= lastPollsMax
  if (at >= limit && isDecided) return null
  return `Keevx said ${looks.map(({ means }) => means ?? 'nothing yet').join(', ')} before its limit`
}

/** So often in a row; looks that were under way together count in either order. */
function mayBeLost(looks: readonly Look[]): boolean {
  const inRow = (list: readonly Look[]): boolean => {
    let row = 0
    return list.some(({ means }) => (row = means === 'missing' ? row + 1 : 0) >= missingMax)
  }
  return inRow(looks) || inRow(looks.toSorted((one, other) => one.at - other.at))
}
