// What the network may bring back for a submit or a query, and what it means by the published table of answers.
import type { CallResult } from '../../src/upstream/call.ts'
import type { Chance } from './chance.ts'
import type { Model, Rules } from './rules.ts'

/**
 * Stated here on its own, not read from the code under test. Another post may follow `not_taken` and
 * `key_paused` for certain, `documented` and `ambiguous` within the attempts that are allowed, and no other.
 */
export type PostMeaning =
  | 'taken'
  | 'refused'
  | 'not_taken'
  | 'key_paused'
  | 'documented'
  | 'ambiguous'
  | 'unknown'

export interface PostReply {
  readonly says: string
  readonly means: PostMeaning
  readonly result: CallResult
  /** The work that it names, each once. */
  readonly ids: readonly string[]
  /** How long the key, or the next post of this order, has to wait. */
  readonly pauseMs: number
}

export type LookMeaning = 'under_way' | 'succeeded' | 'failed' | 'missing' | 'key_paused' | 'nothing'

export interface LookReply {
  readonly says: string
  readonly means: LookMeaning
  readonly result: CallResult
  readonly pauseMs: number
}

/** What Keevx is like for a while: fair, or with one trouble above all. */
export const moods = [
  'fair',
  'fair',
  'fair',
  'fair',
  'unreachable',
  'busy',
  'failing',
  'silent',
  'slow',
] as const
export type Mood = (typeof moods)[number]

const answer = (status: number, body: unknown, headers: Record<string, string> = {}): CallResult => ({
  kind: 'answer',
  status,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
})
const cut = (kind: 'broken' | 'timed_out' | 'unreadable', status: number | null = null): CallResult => ({
  kind,
  head: status === null ? null : { status, headers: {} },
  detail: 'cut off',
})
const notConnected: CallResult = { kind: 'not_connected', detail: 'ECONNREFUSED' }
const coded = (code: number, status = 200): CallResult => answer(status, { code, msg: 'no', data: null })
const page = '<html><title>Bad gateway</title></html>'

/** What is no answer of an API. */
export const isPage = (result: CallResult): boolean => result.kind === 'answer' && result.body === page

/** What an order is, as far as its answer depends on it. */
export interface Asked {
  readonly model: Model
  readonly count: number
  readonly rules: Rules
  /** An id that no work had before. */
  newId(): string
  /** The id of some work that was taken before, if there is one. */
  knownId(): string | null
}

export function drawPostReply(chance: Chance, mood: Mood, asked: Asked): PostReply {
  const { rules } = asked
  const reply = (means: PostMeaning, says: string, result: CallResult, pauseMs = 0): PostReply => ({
    says,
    means,
    result,
    ids: [],
    pauseMs,
  })
  const paused = (says: string, headers: Record<string, string>, pauseMs: number) =>
    reply(
      'key_paused',
      says,
      answer(429, chance.oneIn(2) ? page : { code: 429, msg: 'no' }, headers),
      pauseMs,
    )
  const broken = (says: string, status: number, result = answer(status, page)) =>
    reply('ambiguous', says, result, rules.after5xxMs)
  const troubles: Record<Exclude<Mood, 'fair' | 'slow'>, () => PostReply> = {
    unreachable: () => reply('not_taken', 'no connection', notConnected),
    busy: () => paused('429', {}, rules.after429Ms),
    failing: () => {
      const status = chance.pick([500, 502, 503, 504])
      return broken(`${status}`, status)
    },
    silent: () => reply('unknown', 'no answer in time', cut('timed_out')),
  }
  const trouble = mood === 'fair' || mood === 'slow' ? null : troubles[mood]
  if (trouble && !chance.oneIn(5)) return trouble()
  const isImage = asked.model === 'picture'
  return chance.weigh<() => PostReply>([
    [20, () => taken(chance, asked)],
    [2, () => chance.pick(Object.values(troubles))()],
    [1, () => paused('429 with Retry-After: 3', { 'retry-after': '3' }, 3_000)],
    [1, () => paused('429 with Retry-After: 0', { 'retry-after': '0' }, rules.after429Ms)],
    [1, () => paused('429 with Retry-After: soon', { 'retry-after': 'soon' }, rules.after429Ms)],
    [1, () => reply('not_taken', '401', answer(401, page))],
    [1, () => reply('refused', '400 in its own envelope', coded(100_999, 400))],
    // Tried again behind others: nothing says that Keevx has seen it.
    [1, () => reply('not_taken', 'a page with 403', answer(403, page))],
    [1, () => reply('not_taken', 'a page with 404', answer(404, page))],
    [1, () => reply('not_taken', '402', answer(402, { code: 402, msg: 'no' }))],
    [1, () => reply('refused', 'code 100001', coded(100_001))],
    [1, () => reply('refused', 'an unknown code', coded(987_654))],
    [1, () => reply(isImage ? 'refused' : 'not_taken', 'code 100002', coded(100_002))],
    [2, () => reply('documented', 'code 530003', coded(530_003))],
    [1, () => reply('documented', 'code 530003 with 500', coded(530_003, 500))],
    [2, () => reply('ambiguous', 'a reset', cut('broken'))],
    [1, () => broken('503, then a reset', 503, cut('broken', 503))],
    [1, () => reply('unknown', '200, then a reset', cut('broken', 200))],
    [1, () => reply('unknown', 'an unreadable answer', cut('unreadable'))],
    [1, () => reply('unknown', '200 and a page', answer(200, page))],
    [1, () => reply('unknown', 'code 0 without ids', answer(200, { code: 0, data: { task_ids: [] } }))],
    [1, () => reply('unknown', 'code 0 and ids of no shape', answer(200, { code: 0, data: [1, null] }))],
  ])()
}

/** As many ids as were ordered, or one too few, one too many, one given before, one twice. */
function taken(chance: Chance, { count, newId, knownId }: Asked): PostReply {
  const ids = Array.from({ length: count }, newId)
  const known = knownId()
  const says = chance.weigh<string>([
    [12, 'accepted'],
    [1, 'accepted, one id too few'],
    [1, 'accepted, one id too many'],
    [known === null ? 0 : 1, 'accepted, with an id of other work'],
    [1, 'accepted, an id twice'],
    [1, 'accepted, with 500 beside it'],
  ])
  if (says.endsWith('too few') && count > 1) ids.pop()
  if (says.endsWith('too many')) ids.push(newId())
  if (says.endsWith('other work') && known !== null) ids[0] = known
  const named = says.endsWith('twice') ? [...ids, ids[0]] : ids
  const status = says.endsWith('beside it') ? 500 : 200
  const data = chance.pick<object>([
    { task_ids: named },
    { task_ids: named },
    { taskIds: named.map((id) => ` ${id}`) },
    { task_ids: named.join(', ') },
  ])
  return {
    says,
    means: 'taken',
    result: answer(status, { code: chance.pick([0, 0, 0, '0', 200, null]), msg: 'ok', data }),
    ids: [...new Set(ids)],
    pauseMs: 0,
  }
}

/** What a piece of work is like from its beginning: most of it ends, some never does, some is lost. */
export const natures = ['plain', 'plain', 'plain', 'plain', 'endless', 'lost'] as const
/** `nowhere`: somebody has named it, and it never was. */
export type Nature = (typeof natures)[number] | 'nowhere'

export interface Looked {
  readonly id: string
  readonly model: Model
  readonly nature: Nature
  readonly rules: Rules
}

export function drawLookReply(chance: Chance, mood: Mood, looked: Looked): LookReply {
  const { model, nature, rules, id } = looked
  const reply = (means: LookMeaning, says: string, result: CallResult, pauseMs = 0): LookReply => ({
    says,
    means,
    result,
    pauseMs,
  })
  const status = (word: string, more: object = {}, named = id) =>
    answer(200, { code: 0, data: { task_id: named, status: word, ...more } })
  const url = `https://results.example/${id}`
  const result = model === 'picture' ? { image_url: `${url}.png` } : { video_url: `${url}.mp4` }
  const hidden = 'http://127.0.0.1/secret'
  const hiddenResult = model === 'picture' ? { image_url: hidden } : { video_url: hidden }
  const underWay = () => reply('under_way', 'under way', status(chance.pick(['PENDING', 'GENERATING'])))
  const missing = () =>
    reply(
      'missing',
      'code not found',
      coded(model === 'picture' ? 110_002 : 100_003, chance.pick([200, 404])),
    )
  const outage = () =>
    reply('nothing', 'an outage', chance.pick([answer(503, page), cut('timed_out'), notConnected]))
  const busy = () => reply('key_paused', '429', answer(429, page), rules.after429Ms)

  if (nature === 'nowhere') return chance.oneIn(3) ? outage() : missing()
  if (mood === 'busy' && !chance.oneIn(3)) return busy()
  if (mood !== 'fair' && mood !== 'busy' && !chance.oneIn(3)) return mood === 'slow' ? underWay() : outage()
  const ends = nature === 'plain' ? 1 : 0
  return chance.weigh<() => LookReply>([
    [ends * 10, () => reply('succeeded', 'SUCCEEDED', status('SUCCEEDED', result))],
    [ends * 4, () => reply('failed', 'FAILED', status('FAILED', { error_message: 'blurred' }))],
    [nature === 'lost' ? 1 : 8, underWay],
    [nature === 'lost' ? 20 : 2, missing],
    [1, outage],
    [1, busy],
    [1, () => reply('nothing', 'SUCCEEDED without a URL', status('SUCCEEDED'))],
    [1, () => reply('nothing', 'an unknown word', status(chance.pick(['QUEUED', 'SUCCESSFUL', ''])))],
    [1, () => reply('nothing', 'a page with 404', answer(404, page))],
    [1, () => reply('nothing', 'a 404 of a gateway', answer(404, { message: 'no Route matched' }))],
    [1, () => reply('under_way', 'a result that nobody may reach', status('SUCCEEDED', hiddenResult))],
    [ends, () => reply('succeeded', 'success in small letters', status(' succeeded', result))],
    [1, () => reply('nothing', 'the success of other work', status('SUCCEEDED', result, `${id}-other`))],
    [1, () => reply('nothing', 'the failure of other work', status('FAILED', {}, `${id}-other`))],
    [1, () => reply('nothing', '200 and a page', answer(200, page))],
    [1, () => reply('nothing', 'FAILED with 500', answer(500, { code: 0, data: { status: 'FAILED' } }))],
    [1, () => reply('nothing', '401', answer(401, page))],
    [1, () => reply('nothing', 'an unknown code', coded(987_654))],
  ])()
}
