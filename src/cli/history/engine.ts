// The verbs of the gateway's loops, one turn at a time: a history says when there is something to do.
import type { Context, Upstream } from '../../context.ts'
import { createFollowing } from '../../tasks/callbacks/resolve.ts'
import { callbackBody } from '../../tasks/forms/callbacks.ts'
import { claimPolls } from '../../tasks/poll/claim.ts'
import { pollSoon, pollTask } from '../../tasks/poll/poll.ts'
import { rescue } from '../../tasks/rescue/rescue.ts'
import { claimKeeps } from '../../tasks/results/downloads.ts'
import { createResultQueue } from '../../tasks/results/queue.ts'
import { keepResult } from '../../tasks/results/store-result.ts'
import { claimSubmissions, submit } from '../../tasks/submit/submit.ts'
import { createDelivering } from '../../webhooks/deliver.ts'

/** As many as a turn of a loop takes. */
const atOnce = 64

export interface Engine {
  /** Posts what waits and may be posted now. */
  submit(): Promise<void>
  /** The upstream has called back about these: they are polled now, as is whatever else is due. */
  poll(calledBack: readonly string[]): Promise<void>
  /** Sends the webhooks that are due. */
  deliver(): Promise<void>
  /** Ends what has waited for too long. */
  rescue(): Promise<void>
  /** Looks for the works that callbacks have named and no task has. */
  follow(): Promise<void>
}

export function createEngine(ctx: Context, upstream: Upstream): Engine {
  const never = new AbortController().signal
  const delivering = createDelivering(ctx, (delivery) => callbackBody(ctx, delivery))
  const following = createFollowing(ctx)
  const results = createResultQueue()

  async function keep(): Promise<void> {
    const keeps = await claimKeeps(ctx, atOnce, results)
    await Promise.all(
      keeps.map(async (row) => {
        await keepResult(ctx, row, never)
        results.release(row.taskId)
      }),
    )
  }

  return {
    async submit() {
      for (;;) {
        const claimed = await claimSubmissions(ctx, upstream, atOnce)
        if (claimed.length === 0) return
        // One after another, so that the upstream's answers go to the orders that they were prepared for.
        for (const submission of claimed) await submit(ctx, submission, never)
      }
    },
    async poll(calledBack) {
      await Promise.all(calledBack.map((taskId) => pollSoon(ctx, upstream, taskId)))
      const due = await claimPolls(ctx, atOnce)
      await Promise.all(due.map((task) => pollTask(ctx, task, never)))
      await keep()
    },
    async deliver() {
      const claimed = await delivering.claim(atOnce)
      await Promise.all(claimed.map((delivery) => delivering.run(delivery, never)))
    },
    async rescue() {
      await rescue(ctx)
    },
    async follow() {
      const claimed = await following.claim(atOnce)
      await Promise.all(claimed.map((unmatched) => following.run(unmatched, never)))
    },
  }
}
