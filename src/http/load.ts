// Refuses requests when too much waits in this process: creates first, queries later, and never for a busy machine alone.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { GatewayError } from '../errors.ts'
import type { Shares } from '../shares.ts'
import { createShares } from '../shares.ts'
import { callerOf } from './auth.ts'

export interface LoadBounds {
  /** Requests that change something, whose body has arrived and whose answer has not been sent. */
  readonly writesMax: number
  /** All others, without those that wait for a task. */
  readonly queriesMax: number
  /** Works in the queue of the writer. */
  readonly worksMax: number
  /** For how long the oldest of them has waited, where there are as many as `lateWorksMin`. */
  readonly workAgeMaxMs: number
  readonly lateWorksMin: number
}

/** At some 1 500 creates and 8 000 queries a second, what waits is answered within two or three seconds. */
export const loadBounds: LoadBounds = {
  writesMax: 4_000,
  queriesMax: 16_000,
  worksMax: 8_000,
  workAgeMaxMs: 5_000,
  // A few works that are late mean a slow disk or a machine that was asleep: new ones fit into the same commit.
  lateWorksMin: 200,
}

/** What waits is done by then. */
const retryAfterMs = 2_000

type Kind = 'write' | 'query'
type Reason = 'requests' | 'account' | 'writer_queue' | 'writer_age'

export interface Load {
  /** Stops counting a request that only waits for its task. */
  release(request: FastifyRequest): void
  /** To be called once in the scope of each API whose requests may be refused, after its authentication. */
  shed(scope: FastifyInstance): void
}

export function createLoad(ctx: Pick<Context, 'db' | 'metrics'>, bounds: LoadBounds): Load {
  const shares: Record<Kind, Shares> = {
    write: createShares({ max: bounds.writesMax }),
    query: createShares({ max: bounds.queriesMax }),
  }
  const leaving = new WeakMap<FastifyRequest, () => void>()
  const check = (kind: Kind, account: string | null): void => {
    const reason = reasonToRefuse(ctx, bounds, shares, { kind, account })
    if (reason === null) return
    ctx.metrics.requestsShed.inc({ kind, reason })
    throw overloaded()
  }
  ctx.metrics.labelledGauge(
    'requests_in_process',
    'Requests that are being worked on.',
    'kind',
    async () => ({
      write: shares.write.held,
      query: shares.query.held,
    }),
  )
  ctx.metrics.gauge('writer_queue', 'Works that wait to be written to the store.', async (gauge) => {
    gauge.set(ctx.db.backlog().works)
  })
  return {
    release: (request) => leaving.get(request)?.(),
    shed(scope) {
      // Before its body is read and its key is looked for.
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

function reasonToRefuse(
  { db }: Pick<Context, 'db'>,
  bounds: LoadBounds,
  shares: Readonly<Record<Kind, Shares>>,
  { kind, account }: { readonly kind: Kind; readonly account: string | null },
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
      en: 'Too many requests wait here at the moment. Nothing was charged. Try again after as many seconds as Retry-After says.',
      zh: '当前等待处理的请求过多。未扣除任何积分。请按 Retry-After 指示的秒数后重试。',
    },
    { retryAfterMs },
  )
