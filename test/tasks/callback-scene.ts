// A domain harness that asks for callbacks, and an upstream that makes them: what it posts, and the loops that follow, by hand.
import { expect } from 'vitest'
import { admitCallback } from '../../src/tasks/callbacks/url.ts'
import type { Upstream } from '../../src/context.ts'
import type { Caller } from '../../src/accounts/callers.ts'
import type { Created } from '../../src/tasks/create/created.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import type { Submission } from '../../src/tasks/submit/submission.ts'
import { createFollowing } from '../../src/tasks/callbacks/resolve.ts'
import { hearCallback } from '../../src/tasks/callbacks/receive.ts'
import type { Heard } from '../../src/tasks/callbacks/receive.ts'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { pollTask } from '../../src/tasks/poll/poll.ts'
import { verifyLedger } from '../../src/ledger/verify.ts'
import { lateness } from '../../src/tasks/rescue/rescue.ts'
import type { Observation, SubmitOutcome } from '../../src/upstream/adapter.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness, DomainHarnessOptions } from '../support/domain-harness.ts'

export const publicUrl = 'https://gate.example/sub'

export const never = new AbortController().signal

/** Keevx's own pauses, so that a test sees which of them is kept. */
export const keevxYaml = `
media: { store: none }
upstreams:
  keevx:
    adapter: keevx
    submit: { queue_for: 30m, timeout: 30s, attempts: 3, after_5xx: 10s, ambiguous: retry }
    image: { poll_every: 10s, give_up_after: 20m }
    video: { poll_every: 30s, give_up_after: 40m }
limits: { requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off }
`
export const pollEveryMs = 10_000
export const giveUpAfterMs = 20 * 60_000

export interface Order {
  readonly caller: Caller
  readonly created: Created
  /** Where the attempts for it are to be called back, in order. */
  readonly urls: string[]
}

export interface Scene extends DomainHarness {
  /** Orders, and has the order claimed and posted. */
  ordered(count?: number, answer?: SubmitOutcome): Promise<Order>
  /** Claims and posts whatever is due. */
  dispatch(answer?: SubmitOutcome): Promise<string[]>
  /** The same of another upstream than keevx. */
  dispatchTo(upstream: Upstream, answer: SubmitOutcome): Promise<string[]>
  claim(): Promise<Submission>
  /** The documented callback, or another body, as the route would hand it on; null where the URL opens nothing. */
  call(url: string | undefined, body: unknown): Promise<Heard | null>
  /** Looks at all tasks that are due now; answers how many. */
  poll(): Promise<number>
  /** Settles all hints that may be settled now; answers how many were tried. */
  follow(): Promise<number>
  states(order: Order): Promise<string[]>
  orphans(): Promise<unknown[]>
  hints(): Promise<unknown[]>
  ledgerAddsUp(): Promise<void>
}

const image = 'https://keevx.example/a.png'

export const succeeded: Observation = {
  kind: 'succeeded',
  result: {
    imageUrl: image,
    videoUrl: null,
    thumbnailUrl: null,
    width: null,
    height: null,
    durationSeconds: null,
  },
}
export const failed: Observation = { kind: 'failed', reason: 'It is not allowed.', detail: 'policy' }
export const missing: Observation = { kind: 'missing', detail: 'no such task' }

export const accepted = (...taskIds: string[]): SubmitOutcome => ({ kind: 'accepted', taskIds })
export const noAnswer: SubmitOutcome = { kind: 'unknown', detail: 'no answer in time' }
export const brokenOff: SubmitOutcome = { kind: 'ambiguous', cause: 'server_error', detail: 'HTTP 502' }

/** As the image page documents it. */
export const callback = (task_id: string, status = 'SUCCEEDED', task_type = 'image_generate') => ({
  code: 0,
  msg: 'ok',
  task_type,
  data: { task_id, status, image_url: image, error_message: '' },
})

export async function openScene(options: DomainHarnessOptions = {}): Promise<Scene> {
  const domain = await openDomainHarness({ yaml: keevxYaml, publicUrl, ...options })
  const { ctx, keevx } = domain
  const following = createFollowing(ctx)
  const rows = async (table: 'orphans' | 'earlyCallbacks') =>
    await ctx.db.read.select().from(ctx.db.read.tables[table])
  const post = async (submissions: readonly Submission[], answer: SubmitOutcome) => {
    domain.submitted = () => answer
    for (const submission of submissions) await submit(ctx, submission, never)
    return submissions.map(({ callbackUrl }) => callbackUrl ?? '')
  }
  const scene: Scene = Object.assign(domain, {
    dispatch: async (answer: SubmitOutcome = accepted('u1')) =>
      await post(await claimSubmissions(ctx, keevx, 16), answer),
    dispatchTo: async (upstream: Upstream, answer: SubmitOutcome) =>
      await post(await claimSubmissions(ctx, upstream, 16), answer),
    async claim() {
      const [submission] = await claimSubmissions(ctx, keevx, 1)
      return submission ?? expect.fail('nothing was claimed')
    },
    async ordered(count = 1, answer: SubmitOutcome = accepted('u1')) {
      const caller = await domain.account(1_000)
      const created = await domain.order(caller, count)
      return { caller, created, urls: await scene.dispatch(answer) }
    },
    async call(url: string | undefined, body: unknown) {
      const [attemptId = '', token = ''] = (url ?? '').split('/').slice(-2)
      const attempt = await admitCallback(ctx, attemptId, token)
      return attempt && (await hearCallback(ctx, attempt, { body, secret: token }))
    },
    async poll() {
      const tasks = await claimPolls(ctx, 200)
      await Promise.all(tasks.map((task) => pollTask(ctx, task, never)))
      return tasks.length
    },
    async follow() {
      const hints = await following.claim(200)
      await Promise.all(hints.map((hint) => following.run(hint, never)))
      return hints.length
    },
    states: async ({ created }: Order) => (await domain.tasks(created)).map(({ state }) => state),
    orphans: async () => await rows('orphans'),
    hints: async () => await rows('earlyCallbacks'),
    async ledgerAddsUp() {
      const found = await verifyLedger(ctx.db, domain.clock.now(), lateness(ctx.config))
      expect(found).toMatchObject({ ok: true, drift: [] })
    },
  })
  return scene
}

export async function counted(
  scene: DomainHarness,
  name: string,
  labels: Record<string, string>,
): Promise<number> {
  const metric = await scene.ctx.metrics.registry.getSingleMetric(`tollgate_${name}`)?.get()
  const values = (metric?.values ?? []) as { labels: Record<string, unknown>; value: number }[]
  return values
    .filter((one) => Object.entries(labels).every(([label, value]) => one.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0)
}
