// A store with one task of each kind for the auditor to look at, and a hand that spoils it.
import { verifyLedger } from '../../src/ledger/verify.ts'
import type { Verification } from '../../src/ledger/pass/pass.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { lateness } from '../../src/tasks/rescue/rescue.ts'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { pollTask } from '../../src/tasks/poll/poll.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

const never = new AbortController().signal
const result = {
  imageUrl: 'https://example.com/a.png',
  videoUrl: null,
  thumbnailUrl: null,
  width: 1,
  height: 1,
  durationSeconds: null,
}

export interface Audited {
  readonly domain: DomainHarness
  /** One task of each kind, all of one account. */
  readonly ids: Record<'failed' | 'succeeded' | 'running' | 'queued', string>
  verify(): Promise<Verification>
  brokenChecks(): Promise<string[]>
  /** Past every guard of the schema, as a bug, a hand or a broken disk would. */
  damage(...statements: string[]): Promise<void>
}

/** Closed when the test ends. */
export async function openAudited(): Promise<Audited> {
  const domain = await openDomainHarness()
  const caller = await domain.account(1_000)
  const failed = await domain.order(caller)
  domain.submitted = () => ({ kind: 'refused', reason: 'No.', detail: 'no' })
  await dispatchAll(domain)
  const succeeded = await domain.order(caller)
  domain.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-1'] })
  await dispatchAll(domain)
  domain.seen = () => ({ kind: 'succeeded', result })
  await pollAll(domain)
  const running = await domain.order(caller)
  domain.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-2'] })
  await dispatchAll(domain)
  const queued = await domain.order(caller)
  const [a, b, c, d] = [failed, succeeded, running, queued].map(({ taskIds }) => taskIds[0] ?? '')
  const verify = async () =>
    await verifyLedger(domain.ctx.db, domain.clock.now(), lateness(domain.ctx.config))
  return {
    domain,
    ids: { failed: a ?? '', succeeded: b ?? '', running: c ?? '', queued: d ?? '' },
    verify,
    brokenChecks: async () => (await verify()).drift.map(({ check }) => check),
    damage: async (...statements) => {
      const unique = ['DROP INDEX entries_task_kind', 'DROP INDEX tasks_upstream']
      await domain.store.spoil([...unique, ...statements].join(';\n'), 'guards')
    },
  }
}

async function dispatchAll(domain: DomainHarness): Promise<void> {
  for (const submission of await claimSubmissions(domain.ctx, domain.keevx, 16)) {
    await submit(domain.ctx, submission, never)
  }
}

async function pollAll(domain: DomainHarness): Promise<void> {
  domain.clock.advance(50)
  for (const task of await claimPolls(domain.ctx, 16)) await pollTask(domain.ctx, task, never)
}

export const setTask = (id: string, change: string) => `UPDATE tasks SET ${change} WHERE id = '${id}'`
