// What a receiver's number for an hour holds back follows when there is room, if it is still so.
import { expect, test } from 'vitest'
import { deliverAlerts } from '../../src/alerts/deliver.ts'
import type { Finding, Rule } from '../../src/alerts/rules/rule.ts'
import { createWatch, quietMs } from '../../src/alerts/watch.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import { startReceiver } from '../support/receiver.ts'

const minuteMs = 60_000

/** Two messages an hour; each text is the subject that it is about. */
async function open() {
  const receiver = await startReceiver()
  const { ctx, clock } = await openDomainHarness({
    yaml: `
network: { allow_hosts: [127.0.0.1] }
alerts: { per_hour: 2, receivers: { night: { type: slack, url: "${receiver.url}" } } }
`,
  })
  const world = { finds: [] as string[] }
  const about = (account: string): Finding => ({
    subject: account,
    facts: { account, name: `<${account}>`, balance: 0 },
  })
  const rule: Rule = {
    name: 'customer_at_zero',
    scope: 'store',
    afterMs: 0,
    find: async () => world.finds.map(about),
  }
  const watch = createWatch(ctx, [rule])
  const look = async (afterMs = 0) => {
    clock.advance(afterMs)
    await watch.turn()
    await deliverAlerts(ctx, new AbortController().signal)
    await deliverAlerts(ctx, new AbortController().signal)
    return receiver.told.map(({ body }) => {
      const { text } = JSON.parse(body) as { text: string }
      return `${text.startsWith('Over') ? 'over ' : ''}${/\((\w+)\)/.exec(text)?.[1]}`
    })
  }
  return { world, look }
}

test('what still lasts is told in the next hour, before what is new', async () => {
  const { world, look } = await open()
  world.finds = ['a', 'b', 'c']
  expect(new Set(await look())).toEqual(new Set(['a', 'b']))
  for (let minute = 4; minute <= 56; minute += 4) expect(await look(4 * minuteMs)).toHaveLength(2)
  world.finds = ['a', 'b', 'c', 'd', 'e']
  const told = await look(4 * minuteMs)
  expect(told.slice(2)).toHaveLength(2)
  expect(told.slice(2)).toContain('c')
  expect(await look(minuteMs)).toHaveLength(4)
})

test('what is over by then is not told; that something is over is', async () => {
  const { world, look } = await open()
  world.finds = ['a', 'b', 'c']
  await look()
  world.finds = []
  expect(await look(quietMs)).toHaveLength(2)
  const told = await look(56 * minuteMs)
  expect(new Set(told.slice(2))).toEqual(new Set(['over a', 'over b']))
  expect(await look(2 * 60 * minuteMs)).toHaveLength(4)
})
