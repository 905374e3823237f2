// Receives upstream callbacks: checks the token before the body, and uses the body only to trigger a poll.
import type { FastifyInstance } from 'fastify'
import type { Context } from '../context.ts'
import { admitCallback, callbacksPath, isUnknownAttempt } from '../tasks/callbacks/url.ts'
import type { Admitted } from '../tasks/callbacks/url.ts'
import { hearCallback } from '../tasks/callbacks/receive.ts'
import { sendFailure } from './wire/failure.ts'
import { wireOf } from './wire/wire.ts'
import type { Limits } from './limits.ts'
import { noSuchPath } from './wire/refusals.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The attempt whose secret is in the URL. */
    attempt: Admitted | null
  }
}

interface CallbackRoute {
  readonly Params: { readonly attemptId: string; readonly token: string }
}

/** A callback is a few hundred bytes; two signed URLs may make it a few thousand. */
const bodyBytesMax = 64 * 1024

/**
 * No API key: the token in the URL authenticates. A valid token is never rate limited; an invalid one counts
 * as an unauthenticated request and gets the same 404 as an unknown path.
 */
export function addCallbackRoutes(scope: FastifyInstance, ctx: Context, limits: Limits): void {
  const count = (outcome: string): void => ctx.metrics.callbacks.inc({ outcome })
  scope.decorateRequest('attempt', null)
  scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: bodyBytesMax }, (_request, body, done) =>
    done(null, body),
  )

  scope.addHook<CallbackRoute>('onRequest', async (request, reply) => {
    const { attemptId, token } = request.params
    request.attempt = await admitCallback(ctx, attemptId, token)
    if (request.attempt) {
      // The Content-Type does not matter: the body is JSON or it is refused.
      delete request.headers['content-type']
      return
    }
    count((await isUnknownAttempt(ctx, attemptId)) ? 'unknown_attempt' : 'refused')
    await limits.stranger(request)
    await sendFailure(reply, noSuchPath(), 404)
  })

  scope.post<CallbackRoute>(`${callbacksPath}/:attemptId/:token`, async (request) => {
    const { attempt, params } = request
    if (!attempt) throw noSuchPath()
    const body = readJson(request.body)
    if (body === undefined) {
      count('malformed')
      throw new SyntaxError('a callback that is no JSON')
    }
    count(await hearCallback(ctx, attempt, { body, secret: params.token }))
    return wireOf(request).success(request, { data: null })
  })
}

/** Undefined if the bytes are not valid JSON. */
function readJson(bytes: unknown): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes as Buffer))
  } catch {
    return undefined
  }
}
