// Orders what a request asks for, once: by its Idempotency-Key, or by taking up the order of a request that broke off.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../../context.ts'
import { GatewayError } from '../../../errors.ts'
import { hashOfBody } from '../../../tasks/create/body-hash.ts'
import { createTasks } from '../../../tasks/create/create.ts'
import type { CreateRequest } from '../../../tasks/create/create.ts'
import { tasksOfOrder } from '../../../tasks/read/order.ts'
import { callerOf } from '../../auth.ts'
import { idempotencyKeyOf, markReplayed } from '../../idempotency-key.ts'
import { named } from '../named.ts'
import type { FieldNames } from '../named.ts'
import { createAttempts } from './attempts.ts'
import type { Attempt } from './attempts.ts'
import { clientOf, rememberRefusedAttempts, retryCountOf } from './refused-attempts.ts'

export interface Wish extends Pick<CreateRequest, 'body' | 'comparedBody' | 'callbackForm' | 'refusal'> {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** The client's own fields: equal requests are told by them. */
  readonly fields: unknown
  /** The client's names of fields of a create, for refusals. */
  readonly names: FieldNames
}

export interface PlacedOrder {
  readonly requestId: string
  readonly accountId: string
  readonly taskIds: readonly string[]
  /** Call it before the result is sent: if all of it is sent, no later request needs it. */
  answersNow(): void
}

export interface Orders {
  /** Throws as a create does, with the client's names of fields. */
  place(wish: Wish): Promise<PlacedOrder>
}

/** Call it once for the scope of the routes. */
export function createOrders(scope: FastifyInstance, ctx: Context): Orders {
  const refused = rememberRefusedAttempts(scope)
  const attempts = createAttempts(ctx, refused)
  return {
    async place(wish) {
      const { request, names } = wish
      try {
        const key = idempotencyKeyOf(request)
        if (key !== null) {
          const placed = await placeByKey(ctx, wish, key)
          refused.ordered(request)
          return placed
        }
        const attempt = await attempts.enter({
          accountId: callerOf(request).accountId,
          fingerprint: await hashOfBody({ path: request.url, fields: wish.fields }),
          newRequestId: request.id,
          client: clientOf(request),
          retryCount: retryCountOf(request),
        })
        const placed = await placeOnce(ctx, wish, attempt)
        refused.ordered(request)
        return placed
      } catch (error) {
        if (error instanceof GatewayError) throw named(error, names)
        refused.ordered(request)
        throw error
      } finally {
        // Pictures are passed on by now; the client may wait for minutes.
        await request.held?.release()
      }
    },
  }
}

async function placeByKey(ctx: Context, wish: Wish, idempotencyKey: string): Promise<PlacedOrder> {
  const { request, reply } = wish
  const requestId = request.id
  const { created, replayed } = await createTasks(ctx, { ...createOf(wish), requestId, idempotencyKey })
  if (replayed) markReplayed(reply)
  return { ...created, accountId: callerOf(request).accountId, answersNow: () => undefined }
}

function createOf({ request, body, comparedBody = body, callbackForm = null, refusal }: Wish) {
  const caller = callerOf(request)
  return { caller, body, comparedBody, callbackForm, ...(refusal && { refusal }) }
}

async function placeOnce(ctx: Context, wish: Wish, attempt: Attempt): Promise<PlacedOrder> {
  const { accountId } = callerOf(wish.request)
  let isResult = false
  const { raw } = wish.reply
  const leave = () => attempt.leave(isResult && raw.writableFinished)
  if (raw.destroyed) leave()
  else raw.once('close', leave)
  const taskIds = attempt.isNew ? await orderNew(ctx, wish, attempt) : await idsOf(ctx, attempt)
  if (!attempt.isNew) {
    markReplayed(wish.reply)
    wish.request.log.info({ req: wish.request.id, request: attempt.requestId }, 'takes up an earlier order')
  }
  const answersNow = () => {
    isResult = true
  }
  return { requestId: attempt.requestId, accountId, taskIds, answersNow }
}

async function orderNew(ctx: Context, wish: Wish, attempt: Attempt): Promise<readonly string[]> {
  try {
    const { created } = await createTasks(ctx, {
      ...createOf(wish),
      requestId: attempt.requestId,
      idempotencyKey: null,
      parking: attempt.parking,
    })
    attempt.settle(true)
    return created.taskIds
  } catch (error) {
    // A refusal stored nothing. Anything else may have: then the order is found under its fingerprint.
    attempt.settle(!(error instanceof GatewayError))
    throw error
  }
}

async function idsOf(ctx: Context, { requestId }: Attempt): Promise<readonly string[]> {
  const tasks = await tasksOfOrder(ctx.db.read, requestId)
  if (tasks.length === 0) throw notThereYet()
  return tasks.map(({ id }) => id)
}

/** The store has not confirmed the earlier request. */
const notThereYet = () =>
  new GatewayError(
    'unavailable',
    {
      en: 'It is not known yet whether your earlier request was stored. Nothing more was charged. Send it again to find out.',
      zh: '尚不确定之前的请求是否已写入。没有额外扣除积分。请重新发送以确认。',
    },
    { retryAfterMs: 2_000 },
  )
