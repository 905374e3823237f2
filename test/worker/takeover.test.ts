// A gateway that starts on the store of one that was killed takes over what that one had in hand.
import { expect, onTestFinished, test } from 'vitest'
import { startApp } from '../../src/app/app.ts'
import { loadConfig } from '../../src/config/config.ts'
import { createLog } from '../../src/log.ts'
import { claimSubmissions } from '../../src/tasks/submit/submit.ts'
import { manualClock } from '../support/clock.ts'
import { until } from '../support/gateway.ts'
import { openDomainHarness } from '../support/domain-harness.ts'

test('an order that was being posted is called unknown at once, not when its lease ends', async () => {
  const clock = manualClock()
  const domain = await openDomainHarness({ clock })
  const created = await domain.order(await domain.account(100))
  const [submission] = await claimSubmissions(domain.ctx, domain.keevx, 1)
  expect(submission?.request.dueAt).toBeGreaterThan(clock.now() + 10_000)
  // The claim is all that it left: nobody will answer, and the clock stands still.
  const env = { KEEVX_API_KEY: 'upstream-key', PORT: '0', DATABASE_URL: domain.store.databaseUrl }
  const config = loadConfig({ cwd: domain.folder, env })
  const app = await startApp({ config, clock, log: createLog('silent') })
  onTestFinished(() => app.stop())
  const [task] = await until(
    () => domain.tasks(created),
    ([first]) => first?.state !== 'submitting',
  )
  expect(task).toMatchObject({ state: 'unknown', creditsRefunded: 0 })
})
