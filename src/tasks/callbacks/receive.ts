// Handles a callback: it only names work upstream, and our own query decides what became of it.
import type { Context } from '../../context.ts'
import type { Order } from '../../upstream/adapter.ts'
import type { Admitted } from './url.ts'
import { hearOfForgotten } from './forgotten.ts'
import type { Posted } from './forgotten.ts'
import { keepUnmatched } from './unmatched.ts'
import { persist } from '../submit/persist.ts'
import { classify } from './classify.ts'
import { requestById } from '../store.ts'
import { pollSoon } from '../poll/poll.ts'

/** The outcome of a callback with the right token. The caller can correct none of these. */
export type Heard =
  /** Not a callback of a known shape, or for another operation than was ordered. */
  | 'unreadable'
  /** It names the work of another request. */
  | 'foreign'
  /** It brings nothing new. */
  | 'repeated'
  /** It names a running task, which is polled now. */
  | 'due'
  /** It names unknown work, which will be queried. */
  | 'kept'
  | 'too_many'
  /** Its order is newer than the restored copy; the work that it names is recorded as an orphan. */
  | 'forgotten'

/** Returns once the callback is durably recorded: an upstream calls only once. */
export async function hearCallback(ctx: Context, attempt: Admitted, posted: Posted): Promise<Heard> {
  const heard = await meaningOf(ctx, attempt, posted)
  const level = heard === 'due' || heard === 'repeated' ? 'debug' : 'info'
  ctx.log[level]({ attempt: attempt.id, request: attempt.requestId, heard }, 'a callback was heard')
  return heard
}

async function meaningOf(
  ctx: Context,
  { id: attemptId, requestId, forgotten }: Admitted,
  posted: Posted,
): Promise<Heard> {
  if (forgotten) return await hearOfForgotten(ctx, forgotten, posted)
  const { body, secret } = posted
  const nowMs = ctx.clock.now()
  const [request] = await requestById(ctx.db.read, { id: requestId })
  const upstream = ctx.upstreams.get(request?.upstream ?? '')
  const hint = upstream?.adapter.readCallback(body)
  if (!request || !upstream || !hint) return 'unreadable'
  const { operation } = request.order as unknown as Order
  const { upstreamTaskId } = hint
  // An id that contains our own secret is not an id, and would put the secret into rows and logs.
  if (hint.operation !== operation || upstreamTaskId.includes(secret)) return 'unreadable'
  const found = await classify(ctx.db.read, { upstream: upstream.name, upstreamTaskId, requestId })
  switch (found.kind) {
    case 'foreign':
      return 'foreign'
    case 'known':
      upstream.callbackHealth.note(nowMs)
      return 'repeated'
    case 'running':
      upstream.callbackHealth.note(nowMs)
      await pollSoon(ctx, upstream, found.task.id)
      return 'due'
    case 'given_up':
    case 'nobodys': {
      const kept = await persist(ctx, (tx) =>
        keepUnmatched(tx, { attemptId, upstreamTaskId, heardAt: nowMs }),
      )
      if (kept === 'kept') ctx.wake('callbacks')
      return kept
    }
  }
}
