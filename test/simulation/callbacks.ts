// Keevx calls back: rightly, early, twice, about other work, about none, with a wrong secret.
import type { Context } from '../../src/context.ts'
import { admitCallback } from '../../src/tasks/callbacks/url.ts'
import { createFollowing } from '../../src/tasks/callbacks/resolve.ts'
import type { Following } from '../../src/tasks/callbacks/resolve.ts'
import { hearCallback } from '../../src/tasks/callbacks/receive.ts'
import type { Heard } from '../../src/tasks/callbacks/receive.ts'
import type { Chance } from './chance.ts'
import type { History } from './history.ts'
import { Broken } from './model.ts'
import type { Order, Post } from './model.ts'

/** Of the latest posts, for those long past are mostly known. */
const latest = 12
const hintsMax = 8
const never = new AbortController().signal

interface Call {
  readonly order: Order
  readonly post: Post
  readonly says: string
  /** What it names, if anything. */
  readonly id: string | null
  readonly body: unknown
  readonly isForged: boolean
}

export function callBack(history: History): void {
  const { model, chance, story, lives } = history
  const posts = model.orders.flatMap((order) => order.posts.map((post) => ({ order, post })))
  const called = posts.filter(({ post }) => post.callbackUrl !== null).slice(-latest)
  if (called.length === 0) return
  const { order, post } = chance.pick(called)
  const call = drawCall(history, order, post)
  story.push(`    a callback for order ${order.label}: ${call.says} ${call.id ?? ''}`)
  const times = chance.oneIn(5) ? 2 : 1
  for (let time = 0; time < times; time += 1) {
    lives.ask(
      'a callback',
      async (ctx) => await hear(ctx, call),
      (answer) => {
        lives.expectNoError('a callback', answer)
        if ('error' in answer) return
        if ((answer.value === null) !== call.isForged) {
          throw new Broken(`a callback, ${call.says}, was ${answer.value ?? 'not let in'}`)
        }
      },
    )
  }
}

async function hear(ctx: Context, { post, body, isForged }: Call): Promise<Heard | null> {
  const [attemptId = '', right = ''] = (post.callbackUrl ?? '').split('/').slice(-2)
  const token = isForged ? `${right.slice(0, -1)}${right.endsWith('A') ? 'B' : 'A'}` : right
  const attempt = await admitCallback(ctx, attemptId, token)
  return attempt && (await hearCallback(ctx, attempt, { body, secret: token }))
}

function drawCall(history: History, order: Order, post: Post): Call {
  const { model, chance } = history
  const others = [...model.works.keys()].filter((id) => !post.made.includes(id))
  const said = chance.weigh<string>([
    [post.made.length > 0 ? 20 : 0, 'its work'],
    [others.length > 0 ? 2 : 0, 'other work'],
    [1, 'work that never was'],
    [1, 'nothing that can be read'],
    [1, 'with a wrong secret'],
  ])
  const isForged = said === 'with a wrong secret'
  const call = { order, post, says: said, isForged, id: null, body: { task_type: 'unheard of' } }
  if (said === 'nothing that can be read') return call
  const id = said === 'its work' ? chance.pick(post.made) : otherId(chance, said, others)
  if (!isForged) hint(history, order, id)
  return { ...call, id, body: bodyOf(order, id, chance) }
}

const otherId = (chance: Chance, said: string, others: readonly string[]): string =>
  said === 'other work' ? chance.pick(others) : `nowhere-${chance.below(1_000)}`

function hint({ model }: History, order: Order, id: string): void {
  const known = model.works.get(id)
  const work = known ?? { id, order: null, nature: 'nowhere', namings: [], hintedBy: new Set(), looks: [] }
  model.works.set(id, work)
  work.hintedBy.add(order)
}

/** As Keevx documents it; what it says of the end is not to be believed. */
const bodyOf = ({ model }: Order, id: string, chance: Chance) => ({
  code: 0,
  msg: 'ok',
  task_type: model === 'picture' ? 'image_generate' : 'image_to_video',
  data: { task_id: id, status: chance.pick(['SUCCEEDED', 'FAILED', 'PENDING']), image_url: null },
})

/** One for each life, for it remembers what waits. */
const followings = new WeakMap<Context, Following>()

/** What callbacks have named and nobody knows yet is looked into. */
export function followHints({ lives, hasLoops }: History): void {
  if (hasLoops) return lives.wakeAll()
  lives.ask('follow', async (ctx) => {
    const following = followings.get(ctx) ?? createFollowing(ctx)
    followings.set(ctx, following)
    for (const found of await following.claim(hintsMax)) {
      lives.ask('look into a callback', async () => await following.run(found, never))
    }
  })
}
