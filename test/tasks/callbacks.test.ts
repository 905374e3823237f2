// What a callback means for a task whose id is known, or soon will be: it is looked at now, and our own look decides.
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { recordOutcome } from '../../src/tasks/submit/outcome.ts'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { pollTask } from '../../src/tasks/poll/poll.ts'
import type { Observation } from '../../src/upstream/adapter.ts'
import {
  accepted,
  brokenOff,
  callback,
  counted,
  failed,
  giveUpAfterMs,
  never,
  noAnswer,
  openScene,
  pollEveryMs,
  publicUrl,
  succeeded,
} from './callback-scene.ts'

describe('a submit', () => {
  test('bears a callback URL of its own for each attempt, of whose token only the hash is stored', async () => {
    const scene = await openScene()
    const { urls: first } = await scene.ordered(1, brokenOff)
    scene.clock.advance(10_000)
    await scene.dispatch()
    const urls = scene.callbackUrls.map((url) => url ?? '')
    expect(urls).toEqual([first[0], expect.any(String)])
    const { read } = scene.ctx.db
    const attempts = await read.select().from(read.tables.attempts)
    for (const [at, url] of urls.entries()) {
      const [, id, token = ''] =
        /^https:\/\/gate\.example\/sub\/callbacks\/keevx\/(att_\w+)\/([\w-]{43})$/.exec(url) ?? []
      const hash = createHash('sha256').update(token).digest('hex')
      expect(attempts[at]).toMatchObject({ id, callbackTokenHash: hash })
      expect(Buffer.from(token, 'base64url')).toHaveLength(32)
      expect(JSON.stringify(attempts)).not.toContain(token)
    }
    expect(new Set(urls.map((url) => url.slice(-43))).size).toBe(2)
    expect(urls[0]).toContain(publicUrl)
  })

  test('asks for none where nobody outside could reach us', async () => {
    const scene = await openScene({ publicUrl: '' })
    await scene.ordered()
    expect(scene.callbackUrls).toEqual([null])
    const { read } = scene.ctx.db
    expect(await read.select().from(read.tables.attempts)).toMatchObject([{ callbackTokenHash: null }])
  })
})

describe('a callback for a task that runs', () => {
  test('has it looked at now, and settled long before its poll', async () => {
    const scene = await openScene()
    const order = await scene.ordered()
    scene.clock.advance(100)
    expect(await scene.poll()).toBe(0)
    scene.seen = () => succeeded
    expect(await scene.call(order.urls[0], callback('u1'))).toBe('due')
    expect(await scene.poll()).toBe(1)
    expect(await scene.states(order)).toEqual(['succeeded'])
    expect(await scene.balance(order.caller)).toBe(985)
    await scene.ledgerAddsUp()
  })

  test.each<[string, string, Observation, string, number]>([
    ['SUCCEEDED, while Keevx says FAILED', 'SUCCEEDED', failed, 'failed', 1_000],
    ['FAILED, while Keevx says SUCCEEDED', 'FAILED', succeeded, 'succeeded', 985],
    ['SUCCEEDED, while Keevx is at it still', 'SUCCEEDED', { kind: 'running' }, 'running', 985],
    ['FAILED, while Keevx is at it still', 'FAILED', { kind: 'pending' }, 'running', 985],
    ['SUCCEEDED, while nobody can be asked', 'SUCCEEDED', { kind: 'unclear', detail: 'x' }, 'running', 985],
  ])('that says %s: our own look decides', async (_name, says, seen, state, balance) => {
    const scene = await openScene()
    const order = await scene.ordered()
    scene.seen = () => seen
    await scene.call(order.urls[0], callback('u1', says))
    await scene.poll()
    expect(await scene.states(order)).toEqual([state])
    expect(await scene.balance(order.caller)).toBe(balance)
    await scene.ledgerAddsUp()
  })

  test('settles that one alone of several', async () => {
    const scene = await openScene()
    const order = await scene.ordered(3, accepted('u1', 'u2', 'u3'))
    scene.seen = () => succeeded
    await scene.call(order.urls[0], callback('u2'))
    expect(await scene.poll()).toBe(1)
    expect(scene.looked).toEqual(['u2'])
    expect(await scene.states(order)).toEqual(['running', 'succeeded', 'running'])
  })

  test('once it has ended tells nothing new, whatever it says, and costs no look', async () => {
    const scene = await openScene()
    const order = await scene.ordered(2, accepted('u1', 'u2'))
    scene.seen = (id) => (id === 'u1' ? succeeded : failed)
    for (const id of ['u1', 'u2']) await scene.call(order.urls[0], callback(id))
    await scene.poll()
    const looked = scene.looked.length
    scene.clock.advance(60_000)
    for (const says of ['SUCCEEDED', 'FAILED']) {
      for (const id of ['u1', 'u2'])
        expect(await scene.call(order.urls[0], callback(id, says))).toBe('repeated')
    }
    expect([await scene.poll(), await scene.follow()]).toEqual([0, 0])
    expect(scene.looked).toHaveLength(looked)
    expect(await scene.states(order)).toEqual(['succeeded', 'failed'])
    expect(await scene.balance(order.caller)).toBe(985)
    expect(await scene.orphans()).toEqual([])
  })
})

describe('however often callbacks come for a task that does not end,', () => {
  test('it is looked at once in two seconds for them', async () => {
    const scene = await openScene()
    const order = await scene.ordered()
    let looks = 0
    for (let at = 0; at < 100; at += 1) {
      expect(await scene.call(order.urls[0], callback('u1'))).toBe('due')
      looks += await scene.poll()
      scene.clock.advance(60)
    }
    // Six seconds: at 0, 2 and 4.
    expect(looks).toBe(3)
  })

  test('its last look, at the limit, is not put off', async () => {
    const scene = await openScene()
    const order = await scene.ordered()
    scene.clock.advance(giveUpAfterMs - 1_000)
    await scene.call(order.urls[0], callback('u1'))
    await scene.poll()
    scene.clock.advance(500)
    await scene.call(order.urls[0], callback('u1'))
    scene.clock.advance(500)
    expect(await scene.poll()).toBe(1)
    expect(await scene.states(order)).toEqual(['failed'])
  })

  test('none of them is put while another look is under way, and one more after it', async () => {
    const scene = await openScene()
    const order = await scene.ordered()
    await scene.call(order.urls[0], callback('u1'))
    const [task] = await claimPolls(scene.ctx, 1)
    const answer = Promise.withResolvers<Observation>()
    scene.seen = () => answer.promise
    const look = pollTask(scene.ctx, task ?? expect.fail(), never)
    scene.clock.advance(10_000)
    for (let at = 0; at < 5; at += 1) await scene.call(order.urls[0], callback('u1'))
    expect(await claimPolls(scene.ctx, 1)).toEqual([])
    // Its answer is of a time before the callbacks.
    answer.resolve({ kind: 'running' })
    await look
    scene.seen = () => succeeded
    expect(await scene.poll()).toBe(1)
    expect(await scene.states(order)).toEqual(['succeeded'])
  })
})

test('a task of which a callback spoke is not forgotten when our look found it running still', async () => {
  const scene = await openScene()
  const order = await scene.ordered()
  await scene.call(order.urls[0], callback('u1'))
  await scene.poll()
  scene.seen = () => succeeded
  // Keevx's own interval, though callbacks arrive.
  scene.clock.advance(1.1 * pollEveryMs)
  expect(await scene.poll()).toBe(1)
  expect(await scene.states(order)).toEqual(['succeeded'])
})

describe('a callback that comes before the answer to its submit', () => {
  test('is kept, and its task is looked at as soon as the answer names it', async () => {
    const scene = await openScene()
    const caller = await scene.account(1_000)
    const created = await scene.order(caller, 2)
    const submission = await scene.claim()
    const url = submission.callbackUrl ?? ''
    expect(await scene.call(url, callback('u2'))).toBe('kept')
    expect(await scene.call(url, callback('u2'))).toBe('repeated')
    expect(await scene.follow()).toBe(0)
    expect(await scene.hints()).toMatchObject([{ attemptId: submission.attemptId, upstreamTaskId: 'u2' }])

    await recordOutcome(scene.ctx, submission, accepted('u1', 'u2'))
    expect(await scene.follow()).toBe(1)
    expect(scene.looked).toEqual([])
    scene.seen = () => succeeded
    expect(await scene.poll()).toBe(1)
    expect(scene.looked).toEqual(['u2'])
    expect((await scene.tasks(created)).map(({ state }) => state)).toEqual(['running', 'succeeded'])
    expect(await scene.hints()).toEqual([])
  })

  test('is still known after a crash', async () => {
    const scene = await openScene()
    await scene.order(await scene.account(100))
    const { callbackUrl } = await scene.claim()
    await scene.call(callbackUrl ?? '', callback('u1'))
    const next = await openScene({ after: scene })
    expect(await next.hints()).toMatchObject([{ upstreamTaskId: 'u1' }])
  })
})

describe('ignored:', () => {
  test("the id of another request's task, and ids that were swapped", async () => {
    const scene = await openScene()
    const mine = await scene.ordered(1, accepted('mine'))
    const theirs = await scene.ordered(1, accepted('theirs'))
    expect(await scene.call(mine.urls[0], callback('theirs'))).toBe('foreign')
    expect(await scene.call(theirs.urls[0], callback('mine'))).toBe('foreign')
    expect([await scene.poll(), await scene.follow()]).toEqual([0, 0])
    expect([await scene.states(mine), await scene.states(theirs)]).toEqual([['running'], ['running']])
  })

  const odd: Record<string, unknown> = {
    'no object': 'u1',
    null: null,
    'a list': [callback('u1')],
    nothing: {},
    'no data': { task_type: 'image_generate' },
    'no id': { task_type: 'image_generate', data: { status: 'SUCCEEDED' } },
    'an id that is neither text nor a whole number': callback(0.5 as unknown as string),
    'an endless id': callback('u'.repeat(201)),
    'an id with a space': callback('u 1'),
    'an operation that nobody knows': callback('u1', 'SUCCEEDED', 'speech'),
    'the other operation': callback('u1', 'SUCCEEDED', 'image_to_video'),
  }
  test.each(Object.entries(odd))('%s', async (_name, body) => {
    const scene = await openScene()
    const order = await scene.ordered()
    expect(await scene.call(order.urls[0], body)).toBe('unreadable')
    expect([await scene.poll(), await scene.follow()]).toEqual([0, 0])
    expect(await scene.hints()).toEqual([])
  })

  test('an id that is our own secret, which would stand in rows and logs', async () => {
    const scene = await openScene()
    const order = await scene.ordered(1, noAnswer)
    const token = (order.urls[0] ?? '').slice(-43)
    expect(await scene.call(order.urls[0], callback(`i2is-${token}`))).toBe('unreadable')
    expect(await scene.hints()).toEqual([])
  })

  test('more ids for one attempt than an order could ever have', async () => {
    const scene = await openScene()
    const order = await scene.ordered(1, noAnswer)
    const heard: unknown[] = []
    for (let at = 0; at < 40; at += 1) heard.push(await scene.call(order.urls[0], callback(`u${at}`)))
    expect(heard.filter((one) => one === 'kept')).toHaveLength(32)
    expect(heard.slice(32)).toEqual(Array(8).fill('too_many'))
    expect(await scene.hints()).toHaveLength(32)
  })
})

test('what became of the work that callbacks named is counted', async () => {
  const scene = await openScene()
  const order = await scene.ordered(1, noAnswer)
  await scene.call(order.urls[0], callback('u1'))
  await scene.follow()
  expect(await counted(scene, 'callback_hints_total', { upstream: 'keevx', finding: 'adopted' })).toBe(1)
})
