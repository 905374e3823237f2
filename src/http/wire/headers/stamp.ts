// Sets the headers that every answer has, computed once.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { mediaPath } from '../../../media/keep.ts'
import { answerHeaders } from './security-headers.ts'
import { isUnder, surfaceAt } from '../wire.ts'
import type { Surface } from '../wire.ts'
import { createCors, openToAnyPage } from './cors.ts'

export interface StampOptions {
  readonly surfaces: readonly Surface[]
  /** Whether the answer says that the sandbox is the upstream. */
  isSandbox(request: FastifyRequest): boolean
  readonly corsOrigins: readonly string[]
}

/** The mark of answers behind which the sandbox is the upstream. */
export const sandboxHeader = 'x-tollgate-sandbox'

/** True: the request has been answered, and nothing else may answer it. */
export type Stamp = (request: FastifyRequest, reply: FastifyReply) => boolean

/** No caching unless the route allows it: API answers are per key, and a missing path may exist tomorrow. */
export function createStamp({ surfaces, isSandbox, corsOrigins }: StampOptions): Stamp {
  const fixed = [...answerHeaders(), ['cache-control', 'no-store'] as const]
  const answerPages = createCors(corsOrigins)
  const varyOfApi = answerPages ? 'Accept-Language, Origin' : language
  return (request, reply) => {
    reply.header('x-request-id', request.id)
    for (const [name, value] of fixed) reply.header(name, value)
    if (isSandbox(request)) reply.header(sandboxHeader, 'true')
    const { url } = request
    const { callers } = surfaceAt(surfaces, url)
    if (callers === 'customers') {
      reply.header('vary', varyOfApi)
      return answerPages?.(request, reply) ?? false
    }
    if (callers === 'operators' || callers === 'sessions') reply.header('vary', language)
    else if (isUnder(url, mediaPath)) openToAnyPage(reply)
    return false
  }
}

/** What an answer depends on besides its URL. */
const language = 'Accept-Language'
