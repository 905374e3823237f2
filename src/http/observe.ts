// Counts and logs every answer, by the route that gave it.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'

declare module 'fastify' {
  interface FastifyReply {
    /** It was held back because its client wanted to wait. */
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

/** To be called before the routes are added: what is the same for all answers of a route is looked up once. */
export function observeAnswers(app: FastifyInstance, { metrics, log }: Context): void {
  // These lines hold five fields that are known here, so nothing needs to be looked for and cut out.
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
    // Seconds that were asked for say nothing of how long the others take.
    const label = waited ? `${route}?wait` : route
    return { method, status, waited, count: metrics.httpSeconds.labels({ method, route: label, status }) }
  }
  /** Most answers of a route are like the one before them. */
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
    // What went well is most of the traffic: it is logged for whoever asks for it, and the loops tell the rest.
    const level = status >= 500 ? 'error' : status >= 400 ? 'info' : 'debug'
    if (log.isLevelEnabled(level)) {
      const ms = Math.round(seconds * 1e6) / 1e3
      log[level]({ req: request.id, method, route, status, ms }, 'answered')
    }
    done()
  }
}
