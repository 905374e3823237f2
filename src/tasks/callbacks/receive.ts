// What a callback means: it points at work upstream, and our own look at that decides.
import type { Context } from '../../context.ts'
import type { Order } from '../../upstream/adapter.ts'
import type { Admitted } from './url.ts'
import { hearOfForgotten } from './forgotten.ts'
import { keepUnmatched } from './unmatched.ts'
import { persist } from '../submit/persist.ts'
import { classify } from './classify.ts'
import { requestById } from '../store.ts'
import { pollSoon } from '../poll/poll.ts'

/** What became of a callback whose token was right. None of them is the caller's to mend. */
export type Heard =
  /** No callback of any known shape, or of another operation than was ordered. */
  | 'unreadable'
  /** It names the work of another request. */
  | 'foreign'
  /** All that it could tell is known. */
  | 'repeated'
  /** It names a task that runs, which is looked at now. */
  | 'due'
  /** It names work that is not known, which will be looked into. */
  | 'kept'
  | 'too_many'
  /** Its order was made after the copy that was restored; what it names is written down as an orphan. */
  | 'forgotten'

/**
 * `secret` is the token of the URL. Returns once what was heard is durably noted: an upstream
 * calls only once.
 */
export async function hearCallback(
  ctx: Context,
  attempt: Admitted,
  body: unknown,
  secret: string,
): Promise<Heard> {
  const heard = await meaningOf(ctx, attempt, body, secret)
  const level = heard === 'due' || heard === 'repeated' ? 'debug' : 'info'
  ctx.log[level]({ attempt: attempt.id, request: attempt.requestId, heard }, 'a callback was heard')
  return heard
}

async function meaningOf(
  ctx: Context,
  { id: attemptId, requestId, forgotten }: Admitted,
  body: unknown,
  secret: string,
): Promise<Heard> {
  if (forgotten) return await hearOfForgotten(ctx, forgotten, { body, secret })
  const nowMs = ctx.clock.now()
  const [request] = await requestById(ctx.db.read, { id: requestId })
  const upstream = ctx.upstreams.get(request?.upstream ?? '')
  const hint = upstream?.adapter.readCallback(body)
  if (!request || !upstream || !hint) return 'unreadable'
  const { operation } = request.order as unknown as Order
  const { upstreamTaskId } = hint
  // An id that holds our own secret is none, and would stand in rows and logs.
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
