// Which pages of other origins may read our answers: any page the media, those of named origins the API, none the rest.
import type { FastifyReply, FastifyRequest } from 'fastify'

/** A day is the longest that any browser remembers; an hour is soon enough for a changed configuration. */
const preflightSeconds = 3_600

const forMedia: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Content-Range, Content-Length, Accept-Ranges, ETag, Content-Disposition',
}

/** The names of files are secrets of their own, and no answer depends on who asks. */
export function openToAnyPage(reply: FastifyReply): FastifyReply {
  return reply.headers(forMedia)
}

export async function answerMediaOptions(reply: FastifyReply): Promise<FastifyReply> {
  return await openToAnyPage(reply)
    .headers({
      allow: 'GET, HEAD, OPTIONS',
      'access-control-allow-methods': 'GET, HEAD, OPTIONS',
      'access-control-allow-headers': 'Range, If-Range, If-None-Match, If-Modified-Since, Cache-Control',
      'access-control-max-age': preflightSeconds,
      'cache-control': 'no-store',
    })
    .code(204)
    .send()
}

const exposed = 'X-Request-Id, Retry-After, Idempotency-Replayed, X-Tollgate-Sandbox, Allow'

const forPreflights: Readonly<Record<string, string | number>> = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers':
    'Authorization, Content-Type, Idempotency-Key, Accept-Language, Last-Event-ID, Cache-Control',
  'access-control-max-age': preflightSeconds,
}

/** Whether it has been answered. To be called for requests of `/api` alone. */
export type AnswerPages = (request: FastifyRequest, reply: FastifyReply) => boolean

/**
 * Keys are sent by the page itself, never by the browser: so there is no Allow-Credentials, and a page of another
 * origin can do nothing with what its reader is logged in to. Null where no origin is named.
 */
export function createCors(origins: readonly string[]): AnswerPages | null {
  if (origins.length === 0) return null
  const known = new Set(origins)
  return (request, reply) => {
    const { origin } = request.headers
    if (origin === undefined || !known.has(origin)) return false
    reply.header('access-control-allow-origin', origin).header('access-control-expose-headers', exposed)
    const isPreflight =
      request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined
    if (!isPreflight) return false
    void reply.headers(forPreflights).code(204).send()
    return true
  }
}
