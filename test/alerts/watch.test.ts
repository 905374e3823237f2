// An alert is told once when it begins and once when it is over, whatever happens between, and never too often.
import { describe, expect, test } from 'vitest'
import { deliverAlerts } from '../../src/alerts/deliver.ts'
import { listAlerts } from '../../src/alerts/list.ts'
import type { Finding, Rule } from '../../src/alerts/rules/rule.ts'
import { createWatch, quietMs } from '../../src/alerts/watch.ts'
import type { Watch } from '../../src/alerts/watch.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'
import { startReceiver, status } from '../support/receiver.ts'
import type { Receiver } from '../support/receiver.ts'

const minuteMs = 60_000

interface World {
  readonly harness: DomainHarness
  readonly receiver: Receiver
  readonly watch: Watch
  /** What the rule finds; null: it cannot look. */
  finds: readonly Finding[] | null
  /** Looks, and sends what is due. */
  look(): Promise<string[]>
  deliver(): Promise<void>
}

const gateway: Finding = { subject: '', facts: { waiting: 3, minutes: 11 } }
const about = (subject: string): Finding => ({ subject, facts: { waiting: 3, minutes: 11 } })

const yaml = (url: string, { more, others }: { readonly more: string; readonly others: string }) => `
network: { allow_hosts: [127.0.0.1] }
alerts:
  receivers: { night: { type: slack, url: "${url}" }${others} }
${more}`

async function open(more = '', rule: Partial<Rule> = {}, others = ''): Promise<World> {
  const receiver = await startReceiver()
  const harness = await openDomainHarness({ yaml: yaml(receiver.url, { more, others }) })
  const world: World = {
    harness,
    receiver,
    finds: [],
    watch: createWatch(harness.ctx, [
      { name: 'oldest_waiting', scope: 'store', afterMs: 0, find: async () => world.finds, ...rule },
    ]),
    async look() {
      await world.watch.turn()
      await world.deliver()
      return textsOf(receiver)
    },
    deliver: async () => await deliverAlerts(harness.ctx, new AbortController().signal),
  }
  return world
}

const textsOf = ({ told }: Receiver): string[] =>
  told.map(({ body }) => (JSON.parse(body) as { text: string }).text.split('\n')[0] ?? '')

const listed = async ({ harness }: World) =>
  await listAlerts(harness.ctx.db.read, { before: null, limit: 50, language: 'en' })

test('one message when it begins, none while it lasts, one when it is over', async () => {
  const world = await open()
  const { clock } = world.harness
  expect(await world.look()).toEqual([])
  world.finds = [gateway]
  expect(await world.look()).toEqual(['Orders wait long'])
  for (let turn = 0; turn < 30; turn += 1) {
    clock.advance(minuteMs)
    expect(await world.look()).toHaveLength(1)
  }
  world.finds = []
  clock.advance(quietMs - 1)
  expect(await world.look()).toHaveLength(1)
  clock.advance(1)
  expect(await world.look()).toEqual(['Orders wait long', 'Over: Orders wait long'])
  clock.advance(60 * minuteMs)
  expect(await world.look()).toHaveLength(2)
  expect(await listed(world)).toMatchObject([{ rule: 'oldest_waiting', subject: '', facts: gateway.facts }])
})

test('what comes and goes is one alert, and what comes again after it was over is another', async () => {
  const world = await open()
  const { clock } = world.harness
  for (let turn = 0; turn < 10; turn += 1) {
    world.finds = turn % 2 === 0 ? [gateway] : []
    clock.advance(2 * minuteMs)
    await world.look()
  }
  expect(textsOf(world.receiver)).toEqual(['Orders wait long'])
  world.finds = []
  clock.advance(quietMs)
  await world.look()
  world.finds = [gateway]
  expect(await world.look()).toEqual(['Orders wait long', 'Over: Orders wait long', 'Orders wait long'])
})

test('a rule that cannot look tells nothing, and ends nothing', async () => {
  const world = await open()
  world.finds = [gateway]
  await world.look()
  world.finds = null
  world.harness.clock.advance(10 * quietMs)
  expect(await world.look()).toHaveLength(1)
  world.finds = []
  expect(await world.look()).toHaveLength(2)
})

test('a rule that asks for some time is told after it, and after a restart it stays what it was', async () => {
  const world = await open('', { afterMs: 5 * minuteMs })
  const { clock, ctx } = world.harness
  world.finds = [gateway]
  await world.look()
  clock.advance(5 * minuteMs - 1)
  expect(await world.look()).toEqual([])
  world.finds = []
  await world.look()
  world.finds = [gateway]
  await world.look()
  clock.advance(4 * minuteMs)
  expect(await world.look()).toEqual([])
  clock.advance(minuteMs)
  expect(await world.look()).toHaveLength(1)

  const rule: Rule = {
    name: 'oldest_waiting',
    scope: 'store',
    afterMs: 5 * minuteMs,
    find: async () => [gateway],
  }
  const next = createWatch(ctx, [rule])
  clock.advance(2 * quietMs)
  await next.turn()
  await world.deliver()
  expect(textsOf(world.receiver)).toHaveLength(1)
})

test('several that find the same at once tell it once', async () => {
  const world = await open()
  const rule: Rule = { name: 'oldest_waiting', scope: 'store', afterMs: 0, find: async () => [gateway] }
  const watches = Array.from({ length: 8 }, () => createWatch(world.harness.ctx, [rule]))
  await Promise.all(watches.map(async (watch) => await watch.turn()))
  await Promise.all(watches.map(async () => await world.deliver()))
  expect(textsOf(world.receiver)).toEqual(['Orders wait long'])
})

describe('a receiver', () => {
  test('that is not there is tried again with growing pauses, and told in order', async () => {
    const world = await open()
    const { clock } = world.harness
    world.receiver.answer = status(503)
    world.finds = [gateway]
    await world.look()
    world.finds = []
    clock.advance(quietMs)
    await world.look()
    expect(textsOf(world.receiver)).toEqual(['Orders wait long', 'Orders wait long'])
    world.receiver.answer = status(200)
    clock.advance(2 * minuteMs)
    await world.deliver()
    await world.deliver()
    expect(textsOf(world.receiver)).toEqual([
      'Orders wait long',
      'Orders wait long',
      'Orders wait long',
      'Over: Orders wait long',
    ])
    const [alert] = await listed(world)
    expect(alert?.messages).toMatchObject([
      { kind: 'fired', state: 'sent', attemptsMade: 3 },
      { kind: 'recovered', state: 'sent', attemptsMade: 1 },
    ])
  })

  test('that never comes back is given up within a day', async () => {
    const world = await open()
    world.receiver.answer = status(503)
    world.finds = [gateway]
    await world.look()
    for (let turn = 0; turn < 60; turn += 1) {
      world.harness.clock.advance(24 * minuteMs)
      await world.deliver()
    }
    expect(world.receiver.told).toHaveLength(7)
    const [alert] = await listed(world)
    expect(alert?.messages).toMatchObject([{ state: 'failed', lastError: 'It answered HTTP 503.' }])
  })

  test('gets no more than its number for an hour, is told so, and hears of no end it was not told the beginning of', async () => {
    const world = await open('  per_hour: 3\n')
    const { clock } = world.harness
    world.finds = ['a', 'b', 'c', 'd', 'e'].map(about)
    await world.look()
    expect(world.receiver.told).toHaveLength(3)
    expect(
      world.receiver.told.filter(({ body }) => body.includes('last message for this hour')),
    ).toHaveLength(1)
    const states = (await listed(world)).map(({ messages: [first] }) => first?.state)
    expect(states.filter((state) => state === 'sent')).toHaveLength(3)
    expect(states.filter((state) => state === 'held_back')).toHaveLength(2)
    clock.advance(61 * minuteMs)
    world.finds = []
    await world.look()
    clock.advance(minuteMs)
    await world.look()
    expect(textsOf(world.receiver).filter((text) => text.startsWith('Over'))).toHaveLength(3)
    const ends = (await listed(world)).flatMap(({ messages }) =>
      messages.filter(({ kind }) => kind === 'recovered'),
    )
    expect(ends).toHaveLength(3)
  })

  test('that is not there keeps no message from the others, however many ends wait behind beginnings', async () => {
    const other = await startReceiver()
    const world = await open('  per_hour: 100\n', {}, `, day: { type: slack, url: "${other.url}" }`)
    const { clock } = world.harness
    const deliverAll = async () => {
      for (let turn = 0; turn < 6; turn += 1) await world.deliver()
    }
    world.receiver.answer = status(503)
    world.finds = Array.from({ length: 20 }, (_, number) => about(String(number)))
    await world.look()
    await deliverAll()
    world.finds = []
    clock.advance(quietMs)
    await world.look()
    await deliverAll()
    expect(textsOf(other).filter((text) => text.startsWith('Over'))).toHaveLength(20)
    world.finds = [about('new')]
    await world.look()
    await deliverAll()
    expect(textsOf(other)).toHaveLength(41)
    expect(textsOf(world.receiver).filter((text) => text.startsWith('Over'))).toEqual([])
  })

  test('that a rule names alone is told alone', async () => {
    const other = await startReceiver()
    const more = `    day: { type: slack, url: "${other.url}" }\n  rules: { oldest_waiting: { to: [day] } }\n`
    const receiver = await startReceiver()
    const text = `
network: { allow_hosts: [127.0.0.1] }
alerts:
  receivers:
    night: { type: slack, url: "${receiver.url}" }
${more}`
    const { ctx } = await openDomainHarness({ yaml: text })
    const rule: Rule = { name: 'oldest_waiting', scope: 'store', afterMs: 0, find: async () => [gateway] }
    await createWatch(ctx, [rule]).turn()
    await deliverAlerts(ctx, new AbortController().signal)
    expect(textsOf(other)).toEqual(['Orders wait long'])
    expect(receiver.told).toEqual([])
  })
})

test('an instance that is not the first looks at what only it sees, and ends nothing of the others', async () => {
  const world = await open()
  const { ctx, clock } = world.harness
  const second = { ...ctx, instances: { ...ctx.instances, isFirst: () => false } }
  let finds: Finding[] = [about('its disk')]
  const process: Rule = { name: 'disk', scope: 'process', afterMs: 0, find: async () => finds }
  const store: Rule = { name: 'late_success', scope: 'store', afterMs: 0, find: async () => [gateway] }
  const watch = createWatch(second, [process, store])
  await watch.turn()
  expect((await listed(world)).map(({ rule }) => rule)).toEqual(['disk'])
  finds = []
  clock.advance(2 * quietMs)
  await watch.turn()
  expect(await listed(world)).toMatchObject([{ recoveredAt: null }])
  await world.watch.turn()
  expect(await listed(world)).toMatchObject([{ recoveredAt: clock.now() }])
})

test('what is over is forgotten after ninety days, what lasts is not', async () => {
  const world = await open()
  const { clock } = world.harness
  const dayMs = 24 * 60 * minuteMs
  world.finds = [about('over'), about('lasts')]
  await world.look()
  world.finds = [about('lasts')]
  for (let day = 0; day < 92; day += 1) {
    clock.advance(dayMs)
    await world.watch.turn()
  }
  expect((await listed(world)).map(({ subject }) => subject)).toEqual(['lasts'])
})

test('while the store fails nothing is thrown', async () => {
  const world = await open()
  world.finds = [gateway]
  const { ctx } = world.harness
  const failing = { ...ctx.db, transaction: async () => await Promise.reject(new Error('no')) }
  const watch = createWatch({ ...ctx, db: failing }, [
    { name: 'disk', scope: 'store', afterMs: 0, find: async () => await Promise.reject(new Error('no')) },
    { name: 'late_success', scope: 'store', afterMs: 0, find: async () => [gateway] },
  ])
  await watch.turn()
  expect(await listed(world)).toEqual([])
})
