// Sheds load when too much is queued in this process: creates first, then queries; never for CPU load alone.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { GatewayError } from '../errors.ts'
import type { Shares } from '../shares.ts'
import { createShares } from '../shares.ts'
import { callerOf } from './auth.ts'

export interface LoadBounds {
  /** Write requests (not DELETE) whose body has arrived and whose answer has not been sent. */
  readonly writesMax: number
  /** All other requests, except those that only wait for a task. */
  readonly queriesMax: number
  /** Jobs in the writer's queue. */
  readonly worksMax: number
  /** Maximum age of the oldest of them; applies only if there are at least `lateWorksMin`. */
  readonly workAgeMaxMs: number
  readonly lateWorksMin: number
}

/** At some 1 500 creates and 8 000 queries a second, the queue is worked off within two or three seconds. */
export const loadBounds: LoadBounds = {
  writesMax: 4_000,
  queriesMax: 16_000,
  worksMax: 8_000,
  workAgeMaxMs: 5_000,
  // A few late jobs mean a slow disk or a suspended machine: new ones still fit into the same commit.
  lateWorksMin: 200,
}

/** The queue is worked off by then. */
const retryAfterMs = 2_000

type Kind = 'write' | 'query'
type Reason = 'requests' | 'account' | 'writer_queue' | 'writer_age'

export interface Load {
  /** Stops counting a request that only waits for its task. */
  release(request: FastifyRequest): void
  /** Call it once in the scope of each API whose requests may be refused, after its authentication. */
  shed(scope: FastifyInstance): void
}

export function createLoad(ctx: Pick<Context, 'db' | 'metrics'>, bounds: LoadBounds): Load {
  const shares: Record<Kind, Shares> = {
    write: createShares({ max: bounds.writesMax }),
    query: createShares({ max: bounds.queriesMax }),
  }
  const leaving = new WeakMap<FastifyRequest, () => void>()
  const check = (kind: Kind, account: string | null): void => {
    const reason = reasonToRefuse(ctx, { bounds, shares }, { kind, account })
    if (reason === null) return
    ctx.metrics.requestsShed.inc({ kind, reason })
    throw overloaded()
  }
  ctx.metrics.labelledGauge('requests_in_process', 'Requests that are being worked on.', {
    label: 'kind',
    read: async () => ({ write: shares.write.held, query: shares.query.held }),
  })
  ctx.metrics.gauge('writer_queue', 'Works that wait to be written to the store.', async (gauge) => {
    gauge.set(ctx.db.backlog().works)
  })
  return {
    release: (request) => leaving.get(request)?.(),
    shed(scope) {
      // Before the body is read and the key is looked up.
      scope.addHook('onRequest', (request, _reply, done) => attempt(() => check(kindOf(request), null), done))
      scope.addHook('preHandler', (request, reply, done) =>
        attempt(() => {
          const [kind, { accountId }] = [kindOf(request), callerOf(request)]
          check(kind, accountId)
          const leave = shares[kind].take(accountId)
          leaving.set(request, leave)
          onceAnswered(reply, leave)
        }, done),
      )
    },
  }
}

interface Occupancy {
  readonly bounds: LoadBounds
  readonly shares: Readonly<Record<Kind, Shares>>
}

interface Arrival {
  readonly kind: Kind
  /** Null before authentication. */
  readonly account: string | null
}

function reasonToRefuse(
  { db }: Pick<Context, 'db'>,
  { bounds, shares }: Occupancy,
  { kind, account }: Arrival,
): Reason | null {
  if (shares.query.held >= bounds.queriesMax) return 'requests'
  if (kind === 'write') {
    if (shares.write.held >= bounds.writesMax) return 'requests'
    const { works, oldestMs } = db.backlog()
    if (works >= bounds.worksMax) return 'writer_queue'
    if (oldestMs >= bounds.workAgeMaxMs && works >= bounds.lateWorksMin) return 'writer_age'
  }
  return account !== null && !shares[kind].mayTake(account) ? 'account' : null
}

const kindOf = ({ method }: FastifyRequest): Kind =>
  method === 'GET' || method === 'HEAD' || method === 'DELETE' ? 'query' : 'write'

function onceAnswered({ raw }: FastifyReply, then: () => void): void {
  raw.once('finish', then)
  raw.once('close', then)
}

function attempt(work: () => void, done: (error?: Error) => void): void {
  try {
    work()
  } catch (error) {
    return done(error as Error)
  }
  done()
}

const overloaded = () =>
  new GatewayError(
    'unavailable',
    {
      en: 'Too many requests are waiting here at the moment. Nothing was charged. Try again after as many seconds as Retry-After says.',
      zh: '当前等待处理的请求过多。未扣除任何积分。请按 Retry-After 指示的秒数后重试。',
    },
    { retryAfterMs },
  )
