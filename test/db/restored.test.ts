// A store that was put back by other tools: what waited in it is posted by nobody, and its credits come back.
import { describe, expect, test } from 'vitest'
import { claimSubmissions } from '../../src/tasks/submit/submit.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { manualClock } from '../support/clock.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import { startGateway } from '../support/gateway.ts'
import { dialects, openTestStore } from '../support/test-store.ts'
import { cleanUpAfterwards, newFolder, tollgate } from '../cli/command.ts'

cleanUpAfterwards()

describe.each(dialects)('restored, $name', (dialect) => {
  test('holds back the orders that waited, says so, and changes nothing when it is run again', async () => {
    const databaseUrl = dialect.newUrl()
    await dialect.placeFresh(databaseUrl)
    const domain = await openDomainHarness({
      store: dialect.open(databaseUrl),
      clock: manualClock(Date.now()),
    })
    const caller = await domain.account(1_000)
    const waiting = await domain.order(caller, 2)
    const run = async () =>
      await tollgate(newFolder(), ['restored', '--json'], { env: { DATABASE_URL: databaseUrl } })
    const { code, json } = await run()
    expect({ code, held: json.held }).toEqual({ code: 0, held: { requests: 1, tasks: 2, credits: 30 } })
    expect(json.notices.join(' ')).toContain('gives 30 credits back')
    expect(await claimSubmissions(domain.ctx, domain.keevx, 16)).toEqual([])
    // The command has a clock of its own.
    domain.clock.advance(60_000)
    await rescue(domain.ctx)
    expect(await domain.tasks(waiting)).toMatchObject([{ state: 'failed' }, { state: 'failed' }])
    expect(await domain.balance(caller)).toBe(1_000)
    expect((await run()).json.held).toEqual({ requests: 0, tasks: 0, credits: 0 })
  })

  test('is refused while a gateway serves the store', async () => {
    const databaseUrl = dialect.newUrl()
    await dialect.placeFresh(databaseUrl)
    const gateway = await startGateway({ store: openTestStore(databaseUrl) })
    const { code, stderr } = await tollgate(newFolder(), ['restored'], { env: { DATABASE_URL: databaseUrl } })
    await gateway.stop()
    expect(code).toBe(1)
    expect(stderr).toContain('is being served')
  })
})
