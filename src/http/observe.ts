// Counts and logs every answer by its route.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'

declare module 'fastify' {
  interface FastifyReply {
    /** The answer was delayed because the client asked to wait. */
    waited: boolean
  }
}

interface Counter {
  readonly method: string
  readonly status: number
  readonly waited: boolean
  readonly count: { observe(seconds: number): void }
}

type Observe = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void

/** Call it before routes are added: per-route data is looked up only once. */
export function observeAnswers(app: FastifyInstance, { metrics, log }: Context): void {
  // These lines have five known fields, so redaction is unnecessary.
  const observerOf = (route: string) => observer(metrics, log.child({}, { redact: [] }), route)
  app.decorateReply('waited', false)
  app.addHook('onRoute', (route) => {
    route.onResponse = [route.onResponse ?? [], observerOf(route.url)].flat()
  })
  const observeStray = observerOf('none')
  app.addHook('onResponse', (request, reply, done) => {
    if (request.is404) observeStray(request, reply, done)
    else done()
  })
}

function observer(metrics: Metrics, log: Logger, route: string): Observe {
  const counters = new Map<string, Counter>()
  const newCounter = (method: string, status: number, waited: boolean): Counter => {
    // Waits that clients ask for say nothing about the duration of other requests.
    const label = waited ? `${route}?wait` : route
    return { method, status, waited, count: metrics.httpSeconds.labels({ method, route: label, status }) }
  }
  /** Most answers of a route have the same labels as the one before. */
  let last: Counter | null = null
  return (request, reply, done) => {
    const { method } = request
    const status = reply.statusCode
    const seconds = reply.elapsedTime / 1000
    const { waited } = reply
    if (last?.method !== method || last.status !== status || last.waited !== waited) {
      const name = `${method} ${status} ${waited}`
      last = counters.get(name) ?? newCounter(method, status, waited)
      counters.set(name, last)
    }
    last.count.observe(seconds)
    // Successful answers are most of the traffic: logged at debug level only; the worker loops log the rest.
    const level = status >= 500 ? 'error' : status >= 400 ? 'info' : 'debug'
    if (log.isLevelEnabled(level)) {
      const ms = Math.round(seconds * 1e6) / 1e3
      log[level]({ req: request.id, method, route, status, ms }, 'answered')
    }
    done()
  }
}
