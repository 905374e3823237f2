// The report of the day: once over all gateways and restarts, after the day of the reporting zone, at its hour.
import { expect, test } from 'vitest'
import { createDayReport } from '../../src/alerts/day-report.ts'
import { deliverAlerts } from '../../src/alerts/deliver.ts'
import { firingByRule, listAlerts } from '../../src/alerts/list.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'
import { startReceiver } from '../support/receiver.ts'

const hourMs = 60 * 60_000
const never = new AbortController().signal

async function open(rule: string, reporting: string) {
  const [receiver, quiet] = [await startReceiver(), await startReceiver()]
  const harness = await openDomainHarness({
    yaml: `
network: { allow_hosts: [127.0.0.1] }
reporting: ${reporting}
alerts:
  receivers: { day: { type: slack, url: "${receiver.url}" }, night: { type: slack, url: "${quiet.url}" } }
  rules: { day_report: ${rule} }
`,
  })
  const texts = async () => {
    await deliverAlerts(harness.ctx, never)
    return receiver.told.map(({ body }) => (JSON.parse(body) as { text: string }).text)
  }
  return { harness, quiet, texts }
}

/** One order that the upstream refuses, so that its credits come back, and one that waits. */
async function sellSome(harness: DomainHarness): Promise<void> {
  const { ctx, keevx } = harness
  const customer = await harness.account(1_000)
  await harness.order(customer)
  harness.submitted = () => ({ kind: 'refused', reason: 'no', detail: 'no' })
  for (const claimed of await claimSubmissions(ctx, keevx, 50)) await submit(ctx, claimed, never)
  await harness.order(customer, 2)
}

/** To this hour of a day in UTC. */
function turnTo({ clock }: DomainHarness, date: string, hour: number): void {
  clock.advance(Date.parse(`${date}T00:00:00Z`) + hour * hourMs - clock.now())
}

test('one message a day to those who are named, whoever looks and however often', async () => {
  const zone = '{ time_zone: Asia/Shanghai, currency: USD, credit_value: 0.01 }'
  const { harness, quiet, texts } = await open('{ at: 9, to: [day] }', zone)
  const { ctx } = harness
  // Shanghai is eight hours ahead: this is 2 January there.
  turnTo(harness, '2030-01-01', 20)
  await sellSome(harness)
  const reports = Array.from({ length: 4 }, () => createDayReport(ctx))
  const turn = async () => await Promise.all(reports.map(async (report) => await report.turn()))
  // 8:59 of 3 January.
  turnTo(harness, '2030-01-03', 0.98)
  await turn()
  expect(await texts()).toEqual([])
  turnTo(harness, '2030-01-03', 1)
  await turn()
  const [text = ''] = await texts()
  expect(text).toContain('The report of the day')
  expect(text).toContain('2030-01-02 (Asia/Shanghai): 3 tasks were charged, 0 succeeded, 1 failed.')
  expect(text).toContain('Credits: 45 charged, 15 refunded, 30 net. Value 0.3 USD, cost 0 USD')
  // A start anew, and the hours until the next one.
  for (const hour of [1, 5, 15, 23]) {
    turnTo(harness, '2030-01-03', hour)
    await turn()
    await createDayReport(ctx).turn()
  }
  expect(await texts()).toHaveLength(1)
  turnTo(harness, '2030-01-04', 2)
  await turn()
  expect((await texts())[1]).toContain('2030-01-03 (Asia/Shanghai): 0 tasks')
  expect(quiet.told).toEqual([])
  // It is nothing that is wrong.
  expect((await firingByRule(ctx))['day_report']).toBe(0)
  const listed = await listAlerts(ctx.db.read, { before: null, limit: 5, language: 'zh' })
  expect(listed.map(({ subject, facts }) => [subject, facts['net'], facts['currency']])).toEqual([
    ['2030-01-03', 0, 'USD'],
    ['2030-01-02', 30, 'USD'],
  ])
  expect(listed[1]?.text).toContain('扣费 45,退还 15,净额 30。价值 0.3 USD')
})

test('what is unknown is said to be, and a day before the first account is none', async () => {
  const { harness, texts } = await open('true', '{}')
  const report = createDayReport(harness.ctx)
  turnTo(harness, '2030-02-01', 12)
  await report.turn()
  await sellSome(harness)
  await report.turn()
  expect(await texts()).toEqual([])
  turnTo(harness, '2030-02-02', 8)
  await report.turn()
  const [text = ''] = await texts()
  expect(text).toContain('2030-02-01 (UTC): 3 tasks were charged')
  expect(text).toContain('Value unknown,')
  expect(text).toContain('margin unknown')
})

test('switched off, it tells nothing', async () => {
  const { harness, texts } = await open('false', '{}')
  await sellSome(harness)
  turnTo(harness, '2030-02-03', 12)
  await createDayReport(harness.ctx).turn()
  expect(await texts()).toEqual([])
})
