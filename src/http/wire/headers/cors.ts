// CORS: any page may read media; pages of configured origins may read the API; nothing else is readable.
import type { FastifyReply, FastifyRequest } from 'fastify'

/** No browser caches longer than a day; after an hour a changed configuration takes effect. */
const preflightSeconds = 3_600

const forMedia: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Content-Range, Content-Length, Accept-Ranges, ETag, Content-Disposition',
}

/** File names are secrets themselves, and the answer does not depend on the caller. */
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

const exposed = 'X-Request-Id, Retry-After, Idempotency-Replayed, X-Tollgate-Sandbox, X-Next-Cursor, Allow'

const forPreflights: Readonly<Record<string, string | number>> = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers':
    'Authorization, Content-Type, Idempotency-Key, Accept-Language, Last-Event-ID, Cache-Control, MCP-Protocol-Version, Mcp-Method, Mcp-Name',
  'access-control-max-age': preflightSeconds,
}

/** Returns true if it has answered the request. Only for requests under `/api`. */
export type AnswerPages = (request: FastifyRequest, reply: FastifyReply) => boolean

/**
 * Pages send the key themselves, the browser never does: so there is no Allow-Credentials, and a page of
 * another origin cannot use its reader's logins. Null if no origin is configured.
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
