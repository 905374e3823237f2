// The only place that converts thrown errors into answers.
import type { FastifyError, FastifyReply } from 'fastify'
import { CommitUnknown } from '../../db/errors.ts'
import { isStoreUnavailable } from '../../db/errors.ts'
import { GatewayError } from '../../errors.ts'
import { withPlaceToBuy } from './buy.ts'
import { sandboxHeader } from './headers/stamp.ts'
import { notJson, notWellFormed, retryAfterMs, tooLarge, unavailable, wrongMediaType } from './refusals.ts'
import { wireOf } from './wire.ts'
import type { WireWords } from './wire.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether a refusal of this request bears the mark of the sandbox. */
    /** Only where test keys may come. */
    isSandboxRefusal?(request: FastifyRequest): boolean
  }
}

/** `httpStatus` overrides the status for failures at the HTTP level: an unknown path or method. */
export async function sendFailure(reply: FastifyReply, error: unknown, httpStatus?: number): Promise<void> {
  const { request } = reply
  const wire = wireOf(request)
  const failure = withPlaceToBuy(request, asGatewayError(error, wire.words))
  const status = httpStatus ?? (failure.detail === notWellFormed ? 400 : wire.status(failure, request))
  if (failure.type === 'internal' || failure.type === 'unavailable') {
    request.log.error(
      { req: request.id, err: error, detail: failure.detail },
      'answered with a failure of ours',
    )
  } else {
    request.log.info({ req: request.id, type: failure.type, field: failure.field }, 'refused')
  }
  if (failure.retryAfterMs !== undefined) {
    reply.header('retry-after', Math.max(1, Math.ceil(failure.retryAfterMs / 1000)))
  }
  forgetFile(reply)
  if (request.server.isSandboxRefusal?.(request)) reply.header(sandboxHeader, 'true')
  for (const [name, value] of Object.entries(wire.headers?.(failure) ?? {})) reply.header(name, value)
  if (failure.type === 'unauthorized') reply.header('www-authenticate', 'Bearer')
  // Overrides the cache headers that the route set for successful answers.
  reply.header('cache-control', 'no-store')
  if (!reply.hasHeader('vary')) reply.header('vary', 'Accept-Language')
  await reply.code(status).send(wire.failure(request, failure))
}

const headersOfFiles = ['accept-ranges', 'content-disposition', 'content-range', 'etag']

/**
 * A file that fails before its first byte has already set its headers, also on the raw response: with its
 * content type there, the framework would not serialize a failure as JSON.
 */
function forgetFile(reply: FastifyReply): void {
  if (reply.raw.headersSent) return
  for (const name of reply.raw.getHeaderNames()) reply.raw.removeHeader(name)
  for (const name of headersOfFiles) reply.removeHeader(name)
}

const malformedCodes = new Set([
  'FST_ERR_CTP_INVALID_JSON_BODY',
  'FST_ERR_CTP_EMPTY_JSON_BODY',
  'FST_ERR_CTP_INVALID_CONTENT_LENGTH',
])

function malformed(error: unknown): boolean {
  return error instanceof SyntaxError || malformedCodes.has((error as FastifyError)?.code ?? '')
}

/** Maps errors of the framework, the store and everything else to the closed list of error types. */
export function asGatewayError(error: unknown, words: WireWords): GatewayError {
  if (error instanceof GatewayError) return error
  if (malformed(error)) return notJson()
  if (error instanceof CommitUnknown) return outcomeUnknown(error, words)
  const { code = '', statusCode } = error as Partial<FastifyError>
  if (statusCode === 401) return words.unauthorized()
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE' || code === 'FST_REQ_FILE_TOO_LARGE') return tooLarge()
  if (statusCode === 415 || statusCode === 406) return wrongMediaType()
  if (isStoreUnavailable(error) || statusCode === 503) return unavailable(error)
  // Only the framework's own errors; other errors are internal, whatever status they have.
  if (code.startsWith('FST_') && statusCode !== undefined && statusCode < 500) return notJson()
  return new GatewayError('internal', words.internal, { cause: error })
}

const outcomeUnknown = (cause: unknown, words: WireWords) =>
  new GatewayError('unavailable', words.unknown, { cause, retryAfterMs })
