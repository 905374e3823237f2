// How long a repeated call is the same order, and what is known of the orders of an earlier process.
import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { createRepeats } from '../../../../src/http/surfaces/mcp/repeats.ts'
import type { Repeats } from '../../../../src/http/surfaces/mcp/repeats.ts'
import { createTasks } from '../../../../src/tasks/create/create.ts'
import { openDomainHarness } from '../../../support/domain-harness.ts'

const minuteMs = 60_000
const body = { model_id: 'gpt-image-2', prompt: 'a heron' }

async function scene() {
  const { ctx, clock, account } = await openDomainHarness()
  const caller = await account(1_000)
  const { accountId, keyId } = caller
  let requests = 0
  /** Orders by a message with this id; its answer reaches the client at once, unless it is lost or waits. */
  const order = async (repeats: Repeats, id: string, end: 'answered' | 'lost' | 'waits' = 'answered') => {
    const raw = Object.assign(new EventEmitter(), { destroyed: false, writableFinished: end === 'answered' })
    const call = { accountId, keyId, order: 'heron', message: id, id, reply: { raw: raw as never } }
    requests += 1
    const requestId = `req_${requests}`
    const { created } = await repeats.once(
      call,
      async (idempotencyKey) => await createTasks(ctx, { caller, body, requestId, idempotencyKey }),
    )
    if (end !== 'waits') raw.emit('close')
    return created.requestId
  }
  return { clock, keyId, order, process: () => createRepeats(ctx) }
}

test.each(['answered', 'lost'] as const)(
  'an order whose answer was %s is repeated for ten minutes',
  async (end) => {
    const { clock, order, process } = await scene()
    const repeats = process()
    const first = await order(repeats, 'm1', end)
    clock.advance(9 * minuteMs)
    expect(await order(repeats, 'm1', end)).toBe(first)
    clock.advance(2 * minuteMs)
    expect(await order(repeats, 'm1', end)).not.toBe(first)
  },
)

test('the message of an order of an earlier process is known by its bytes, until its client begins anew', async () => {
  const { clock, keyId, order, process } = await scene()
  const first = await order(process(), 'm1')
  clock.advance(5 * minuteMs)
  const next = process()
  expect(await order(next, 'm2')).not.toBe(first)
  expect(await order(next, 'm1')).toBe(first)
  const another = process()
  another.begin(keyId)
  expect(await order(another, 'm1')).not.toBe(first)
})

test('an order that was made shortly before a process ended had no answer: the next equal call claims it', async () => {
  const { clock, order, process } = await scene()
  const first = await order(process(), 'm1')
  clock.advance(minuteMs)
  const next = process()
  expect(await order(next, 'm2')).toBe(first)
  expect(await order(next, 'm3')).not.toBe(first)
})

test('an order whose answer was lost is claimed by one call only, and by that one again', async () => {
  const { order, process } = await scene()
  const repeats = process()
  const first = await order(repeats, 'm1', 'lost')
  expect(await order(repeats, 'm2')).toBe(first)
  expect(await order(repeats, 'm2')).toBe(first)
  expect(await order(repeats, 'm3')).not.toBe(first)
})

test('one message that arrives twice at once is one order', async () => {
  const { order, process } = await scene()
  const repeats = process()
  const [one, other] = await Promise.all([order(repeats, 'm1'), order(repeats, 'm1')])
  expect(one).toBe(other)
})

test('while a call waits, its message is the same order and every other message one of its own', async () => {
  const { clock, order, process } = await scene()
  const repeats = process()
  const first = await order(repeats, 'm1', 'waits')
  const [twin, again] = [order(repeats, 'm2'), order(repeats, 'm1')]
  clock.advance(minuteMs / 60)
  expect([await again, await twin]).toEqual([first, expect.not.stringMatching(first)])
})
