// A Keevx that answers by chance, at once or later, and tells the model what it heard and said.
import type { Clock } from '../../src/clock.ts'
import type { Adapter, Order as UpstreamOrder } from '../../src/upstream/adapter.ts'
import { imageEndpoint } from '../../src/upstream/keevx/image.ts'
import { observationIn } from '../../src/upstream/keevx/poll.ts'
import { submitOutcome } from '../../src/upstream/answers/submit.ts'
import { videoEndpoint } from '../../src/upstream/keevx/video.ts'
import { readCallback } from '../../src/upstream/keevx/callback.ts'
import type { Chance } from './chance.ts'
import { againstPost, limitOf } from './evidence.ts'
import type { Life } from './life.ts'
import { Broken } from './model.ts'
import type { Look, Model, Order, Post } from './model.ts'
import { drawLookReply, drawPostReply, isPage, natures } from './replies.ts'
import type { Mood, PostReply } from './replies.ts'
import type { Model as ModelName } from './rules.ts'

interface Held {
  readonly what: string
  readonly life: Life
  answer(): void
}

export interface World {
  readonly clock: Clock
  readonly model: Model
  /** Of the present step. */
  readonly chance: () => Chance
  readonly tell: (line: string) => void
  readonly broken: (error: Broken) => void
  /** Attempts of a request that are written down, as somebody outside sees it. */
  readonly attemptsOf: (requestId: string) => number
  /** Tasks of a request that are cancelled, as somebody outside sees it. */
  readonly cancelledOf: (requestId: string) => number
}

export class Keevx {
  mood: Mood = 'fair'
  /** Off at the end of a history: then everything is answered in time. */
  mayBeLate = true
  readonly held: Held[] = []
  readonly #world: World
  #works = 0

  constructor(world: World) {
    this.#world = world
  }

  /** The adapter of one life of the gateway: what arrives is the network's, how it is read is the gateway's. */
  adapter(life: Life): Adapter {
    const { clock } = this.#world
    return {
      resultsLastMs: 7 * 24 * 60 * 60_000,
      submit: async (order, { key, callbackUrl }) => {
        life.point('an order is posted')
        const [asked, post, answer] = this.#posted(life, order, { key, callbackUrl })
        const endpoint = order.operation === 'image_generate' ? imageEndpoint : videoEndpoint
        life.point('Keevx has an order and has not answered')
        return await this.#answered(life, `order ${asked.label}`, () =>
          submitOutcome(this.#answerPost(asked, post, answer), {
            ...endpoint,
            count: order.count,
            sent: JSON.stringify(order),
            clock,
            secrets: [key],
          }),
        )
      },
      fetch: async ({ operation, upstreamTaskId }, { key }) => {
        life.point('a task is looked at')
        const endpoint = operation === 'image_generate' ? imageEndpoint : videoEndpoint
        const look = this.#looked(
          life,
          upstreamTaskId,
          key,
          operation === 'image_generate' ? 'picture' : 'film',
        )
        return await this.#answered(life, `look at ${upstreamTaskId}`, () =>
          observationIn(look(), { endpoint, upstreamTaskId, clock, secrets: [key] }),
        )
      },
      upload: async () => ({ kind: 'unavailable', detail: 'nobody uploads here' }),
      readCallback,
      close: async () => undefined,
    }
  }

  /** Answers one of those who wait; those whose process is gone hear nothing. */
  answerOne(at: number): void {
    const [held] = this.held.splice(at % Math.max(1, this.held.length), 1)
    held?.answer()
  }

  forget(life: Life): void {
    const left = this.held.filter((held) => held.life !== life)
    this.held.splice(0, this.held.length, ...left)
  }

  async #answered<Answer>(life: Life, what: string, answer: () => Answer): Promise<Answer> {
    const { chance, tell } = this.#world
    if (!this.mayBeLate || !chance().oneIn(this.mood === 'slow' ? 2 : 5)) return answer()
    tell(`${what}: no answer yet`)
    return await new Promise<Answer>((resolve, reject) => {
      const late = async () => {
        life.point('an answer arrives')
        return answer()
      }
      this.held.push({ what, life, answer: () => void late().then(resolve, reject) })
    })
  }

  #posted(
    life: Life,
    { prompt, count }: UpstreamOrder,
    { key, callbackUrl }: { key: string; callbackUrl: string | null },
  ): [Order, Post, PostReply] {
    const { model, clock, broken, attemptsOf, cancelledOf } = this.#world
    const order = model.orders[Number(/^order (\d+)$/.exec(prompt)?.[1])]
    if (!order) throw new Error(`nobody ordered "${prompt}"`)
    const at = clock.now()
    const against = againstPost(model, order, key, at)
    if (against !== null) broken(new Broken(`order ${order.label} was posted again: ${against}`))
    const wanted = order.count - cancelledOf(order.requestId)
    if (count !== wanted) broken(new Broken(`order ${order.label} asks for ${count} outputs, not ${wanted}`))
    const reply = this.#decide(order, count)
    const post: Post = {
      at,
      key,
      callbackUrl,
      count,
      life: life.number,
      made: this.#make(order, count, reply),
      means: null,
      answeredAt: 0,
      pauseMs: 0,
      ids: [],
      recorded: false,
      givenUp: false,
    }
    order.posts.push(post)
    if (attemptsOf(order.requestId) < order.posts.length) {
      broken(new Broken(`order ${order.label} was posted and no attempt was written down before`))
    }
    return [order, post, reply]
  }

  readonly #newId = (order: Order): string =>
    `${order.model === 'picture' ? 'i2is' : 'i2v'}-${(this.#works += 1)}`

  #decide(order: Order, count: number): PostReply {
    const { model, chance } = this.#world
    const named = [...model.works.values()].filter(({ namings }) => namings.length > 0)
    return drawPostReply(chance(), this.mood, {
      model: order.model,
      count,
      rules: model.rules,
      newId: () => this.#newId(order),
      knownId: () => named[chance().below(named.length)]?.id ?? null,
    })
  }

  /** An answer that leaves open whether the order was taken may hide that it was. */
  #make(order: Order, count: number, { means, ids }: PostReply): string[] {
    const { model, chance } = this.#world
    const mayBeMade = (means === 'unknown' || means === 'ambiguous') && chance().oneIn(2)
    const hidden = mayBeMade ? Array.from({ length: count }, () => this.#newId(order)) : []
    const made = [...ids, ...hidden].filter((id) => !model.works.has(id))
    for (const id of made) {
      const nature = chance().pick(natures)
      model.works.set(id, { id, order, nature, namings: [], hintedBy: new Set(), looks: [] })
    }
    return made
  }

  #answerPost(order: Order, post: Post, { says, means, ids, pauseMs, result }: PostReply) {
    const { model, clock, tell } = this.#world
    tell(`order ${order.label}: ${says} ${ids.join(' ')}`)
    const now = clock.now()
    Object.assign(post, { means, ids, pauseMs, answeredAt: now })
    const event = { key: post.key, order, workId: null }
    if (means === 'key_paused')
      model.pauses.limited({ ...event, until: now + pauseMs, isPage: isPage(result) })
    if (means === 'taken' || means === 'refused' || means === 'documented') model.pauses.answered(event)
    for (const id of ids) model.works.get(id)?.namings.push({ order, at: now })
    return result
  }

  #looked(life: Life, id: string, key: string, modelName: ModelName) {
    const { model, clock, chance, tell, broken } = this.#world
    const work = model.works.get(id)
    if (!work) throw new Error(`nobody was ever told of ${id}`)
    const { nature } = work
    if (work.namings.length === 0 && work.hintedBy.size === 0) {
      broken(new Broken(`${id} was looked at, of which nobody has told`))
    }
    const at = clock.now()
    const against = at < limitOf(model, work) ? model.pauses.againstLook(key, at) : null
    if (against !== null) broken(new Broken(`${id} was looked at: ${against}`))
    const isOfTask = [...model.tasks.values()].some(({ upstreamId }) => upstreamId === id)
    const look: Look = { at, life: life.number, isOfTask, means: null, recorded: false }
    work.looks.push(look)
    return () => {
      const reply = drawLookReply(chance(), this.mood, { id, model: modelName, nature, rules: model.rules })
      tell(`${id}: ${reply.says}`)
      look.means = reply.means
      // A look's pause is counted from when it was asked.
      const event = { key, order: null, workId: id }
      if (reply.means === 'key_paused') {
        model.pauses.limited({ ...event, until: at + reply.pauseMs, isPage: isPage(reply.result) })
      } else model.pauses.answered(event)
      return reply.result
    }
  }
}
