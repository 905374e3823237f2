// Orders of a text alone to a model that needs an image: what is posted for each step, and the loops by hand.
import { expect } from 'vitest'
import type { Caller } from '../../src/accounts/callers.ts'
import { newId } from '../../src/ids.ts'
import { verifyLedger } from '../../src/ledger/verify.ts'
import type { Created } from '../../src/tasks/create/created.ts'
import { frameOf } from '../../src/tasks/first-frame/rows.ts'
import type { FrameRow } from '../../src/tasks/first-frame/rows.ts'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { pollTask } from '../../src/tasks/poll/poll.ts'
import { lateness } from '../../src/tasks/rescue/rescue.ts'
import { requestById } from '../../src/tasks/store.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import type { Observation, Order, SubmitOutcome } from '../../src/upstream/adapter.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness, DomainHarnessOptions } from '../support/domain-harness.ts'

const never = new AbortController().signal
export const frameUrl = 'https://made.example/frame.png'

const nothing = { imageUrl: null, videoUrl: null, thumbnailUrl: null, width: null, height: null }
const picture: Observation = {
  kind: 'succeeded',
  result: { ...nothing, imageUrl: frameUrl, durationSeconds: null },
}
const film: Observation = {
  kind: 'succeeded',
  result: { ...nothing, videoUrl: 'https://made.example/film.mp4', durationSeconds: 5 },
}
export const forbidden: Observation = { kind: 'failed', reason: 'It is not allowed.', detail: 'policy' }
export const accepted = (): SubmitOutcome => ({ kind: 'accepted', taskIds: [newId('task', 0)] })

/** keevx-kl: 40 credits a video of 5 seconds, and 10 for the first frame. */
export const text = { model_id: 'keevx-kl', prompt: 'a heron at dawn' }

type Operation = 'image_generate' | 'image_to_video'

export interface Stage extends DomainHarness {
  readonly caller: Caller
  /** What the upstream says to the submit, and to the polls, of each step. */
  readonly submits: Partial<Record<Operation, () => SubmitOutcome>>
  readonly polls: Partial<Record<Operation, Observation>>
  ordered(body?: object, key?: string): Promise<Created>
  dispatch(): Promise<void>
  /** Polls whatever is due after the time of a poll. */
  poll(): Promise<void>
  /** Orders as they were posted, of one step. */
  postedOf(operation: Operation): Order[]
  frame(created: Created): Promise<FrameRow>
  /** The state of the order, of its tasks, and of its first frame. */
  states(created: Created): Promise<{ order: string | undefined; tasks: string[]; frame: string }>
  sound(): Promise<void>
}

export async function openStage(credits = 1_000, options: DomainHarnessOptions = {}): Promise<Stage> {
  const domain = await openDomainHarness(options)
  return stageOf(domain, await domain.account(credits))
}

export function stageOf(domain: DomainHarness, caller: Caller): Stage {
  const { ctx, keevx, clock } = domain
  const madeBy = new Map<string, Operation>()
  const submits: Stage['submits'] = {}
  const polls: Stage['polls'] = { image_generate: picture, image_to_video: film }
  const orders = () => domain.posted as Order[]
  domain.submitted = (posted) => {
    const { operation, count } = posted as Order
    const taskIds = Array.from({ length: count }, () => newId('task', 0))
    const outcome = submits[operation as Operation]?.() ?? { kind: 'accepted', taskIds }
    if (outcome.kind === 'accepted') for (const id of outcome.taskIds) madeBy.set(id, operation as Operation)
    return outcome
  }
  domain.seen = (id) => polls[madeBy.get(id) ?? 'image_generate'] ?? { kind: 'running' }
  const frame = async ({ requestId }: Created) => {
    const found = await frameOf(ctx.db.read, requestId)
    if (!found) throw new Error('the order has no first frame')
    return found
  }
  return Object.assign(domain, {
    caller,
    submits,
    polls,
    ordered: async (body: object = {}, key?: string) =>
      (await create(ctx, caller, { ...text, ...body }, key ?? null)).created,
    async dispatch() {
      for (const each of await claimSubmissions(ctx, keevx, 16)) await submit(ctx, each, never)
    },
    async poll() {
      clock.advance(1_000)
      for (const task of await claimPolls(ctx, 100)) await pollTask(ctx, task, never)
    },
    postedOf: (operation: Operation) => orders().filter((each) => each.operation === operation),
    frame,
    states: async (created: Created) => {
      const [order] = await requestById(ctx.db.read, { id: created.requestId })
      const tasks = (await domain.tasks(created)).map(({ state }) => state)
      return { order: order?.state, tasks, frame: (await frame(created)).task.state }
    },
    sound: async () =>
      expect(await verifyLedger(ctx.db, clock.now(), lateness(ctx.config))).toMatchObject({ drift: [] }),
  })
}
