// Lists over a store of years: until their rows are drawn, and how long frames take while they are scrolled.
import type { Wanted, Bench } from './browser.ts'
import type { Measure } from './report.ts'
import type { Who } from './views.ts'

interface Terms {
  readonly runs: number
  /** One of the customers, with its share of the tasks. */
  readonly account: string
}

const row: Wanted = { selector: 'main tbody tr' }
const picture: Wanted = { selector: 'main ul a[href*="/tasks/task_"]' }
const found: Wanted = { selector: 'input[type=search] ~ ul li' }
/** Two seconds where nothing is slow. */
const scrolledFrames = 120
/** A frame that takes longer is seen as a halt. */
const frameShare = 0.2

export async function lists(bench: Bench, who: Who, { runs, account }: Terms): Promise<Measure[]> {
  const tookMs = new Map<string, number[]>()
  const note = (what: string, ms: number) => void tookMs.set(what, [...(tookMs.get(what) ?? []), ms])
  for (let run = 0; run <= runs; run += 1) {
    const take = run === 0 ? () => undefined : note
    await walkAsCustomer(bench, who, take)
    await walkAsOperator(bench, who, { take, account })
  }
  return [...tookMs].map(([what, each]) => ({
    what,
    tookMs: each,
    ...(what.startsWith('longest frame') && { shareOfAim: frameShare }),
  }))
}

type Take = (what: string, ms: number) => void

async function walkAsCustomer(bench: Bench, { customer }: Who, take: Take): Promise<void> {
  const { page, ask, close } = await bench.visit(customer)
  await page.goto(`${bench.url}/console`)
  await ask('shown', { selector: 'main' })
  take('tasks of a customer', await ask('go', '/console/tasks', row, '/console/playground'))
  take('longest frame, list', await ask('longestFrame', scrolledFrames))
  take('next page', await ask('press', 'main nav button', row))
  take('those that failed', await ask('go', '/console/tasks?status=4', row, '/console/playground'))
  take('those with a text', await ask('go', '/console/tasks?text=garden', row, '/console/playground'))
  take('gallery', await ask('go', '/console/tasks?view=gallery', picture, '/console/playground'))
  take('longest frame, gallery', await ask('longestFrame', scrolledFrames))
  take('statement of a customer', await ask('go', '/console/billing', row, '/console/playground'))
  take('usage of a customer', await ask('go', '/console/usage', row, '/console/playground'))
  await close()
}

async function walkAsOperator(
  bench: Bench,
  { operator }: Who,
  { take, account }: { readonly take: Take; readonly account: string },
): Promise<void> {
  const { page, ask, close } = await bench.visit(operator)
  await page.goto(`${bench.url}/console`)
  await ask('shown', { selector: 'main' })
  take('tasks of all accounts', await ask('go', '/console/tasks', row, '/console/system'))
  take('longest frame, all accounts', await ask('longestFrame', scrolledFrames))
  take('next page, all accounts', await ask('press', 'main nav button', row))
  take('failed, all accounts', await ask('go', '/console/tasks?status=4', row, '/console/system'))
  take('of one account', await ask('go', `/console/tasks?account=${account}`, row, '/console/system'))
  take('find an id', await ask('type', 'input[type=search]', account.slice(0, 20), found))
  take('find a text', await ask('type', 'input[type=search]', 'zen garden', found))
  take('accounts', await ask('go', '/console/accounts', row, '/console/system'))
  take('one account', await ask('go', `/console/accounts/${account}`, row, '/console/system'))
  take('report', await ask('go', '/console/report', row, '/console/system'))
  take('audit', await ask('go', '/console/audit', row, '/console/system'))
  await close()
}
