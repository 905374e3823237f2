// Bodies that come after their request was authenticated: what opened it has to hold still when it is acted on.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** Its body had not arrived when it was authenticated. */
    isBodyLate: boolean
  }
}

type Check = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => void

export function decorateLate(scope: FastifyInstance): void {
  scope.decorateRequest('isBodyLate', false)
}

/**
 * A client may take half a minute for a body. Meanwhile its key may be revoked or its session be ended, and a
 * request that was begun before must not outlive that. Call it after the hook that authenticates. `check` runs
 * before the route, and for bodies that came late alone: most have come with their heads.
 */
export function onLateBody(scope: FastifyInstance, check: Check): void {
  scope.addHook('onRequest', (request, _reply, done) => {
    request.isBodyLate = !request.raw.complete
    done()
  })
  scope.addHook('preValidation', (request, reply, done) => {
    if (request.isBodyLate && request.body !== undefined) check(request, reply, done)
    else done()
  })
}
