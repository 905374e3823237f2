// One way to make an endpoint: what it takes is checked, what it answers is serialized by a schema, and both are documented.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { GatewayError } from '../errors.ts'
import type { Text } from '../errors.ts'
import { readInput } from './wire/input.ts'
import type { PictureBodies } from './bodies/picture-body.ts'
import { wireAt } from './wire/wire.ts'
import { serializerOf } from './wire/response-serializer.ts'

type Shape = z.ZodObject

/** Said of a route whose `run` takes the connection for a stream of events, and hands back nothing to be sent. */
export const eventStream = 'text/event-stream'

export interface Endpoint<
  Params extends Shape = Shape,
  Query extends Shape = Shape,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly params?: Params
  readonly query?: Query
  /** Checked before `run`. Leave it out where a room reads the body itself, and say `documentedBody`. */
  readonly body?: Body
  /** What to show for a body that is not checked here; made anew for each document. */
  readonly documentedBody?: () => z.ZodType
  readonly bodyType?: 'application/json' | 'multipart/form-data'
  /** Headers that `run` reads, and those that it may set: shown, not checked. */
  readonly documentedHeaders?: Shape
  readonly documentedAnswerHeaders?: Shape
  /** Reads bodies that are larger than others because they bear pictures. */
  readonly pictures?: PictureBodies
  readonly answer: Answer
  readonly answerType?: typeof eventStream
  readonly status?: 200 | 201
  readonly msg?: (request: FastifyRequest) => Text
  run(input: {
    readonly params: z.output<Params>
    readonly query: z.output<Query>
    readonly body: z.output<Body>
    readonly request: FastifyRequest
    readonly reply: FastifyReply
  }): Promise<z.input<Answer>>
}

export interface Routes {
  add<P extends Shape, Q extends Shape, B extends z.ZodType, A extends z.ZodType>(
    scope: FastifyInstance,
    endpoint: Endpoint<P, Q, B, A>,
  ): void
  /** Everything that was added, for the document. */
  readonly endpoints: readonly Endpoint[]
}

/** The tag of the operator's routes. */
export const operatorTag = 'Operator'

const nothing = {}
const noQuery = z.strictObject(nothing)

export function createRoutes(): Routes {
  const endpoints: Endpoint[] = []
  return {
    endpoints,
    add(scope, endpoint) {
      endpoints.push(endpoint)
      const { method, url, status = 200 } = endpoint
      const readQuery = queryReader(endpoint)
      const keep = serializerOf(endpoint.answer)
      const wire = wireAt(scope, url)
      scope.route({
        method,
        url: url.replace(/\{(\w+)\}/g, ':$1'),
        // The head alone of a stream would be waited for as long as the stream.
        exposeHeadRoute: endpoint.answerType !== eventStream,
        ...endpoint.pictures?.hooks,
        config: {
          takesBody: Boolean(endpoint.body ?? endpoint.documentedBody),
          pictures: endpoint.pictures,
        },
        // Not async: one more promise for each request would only cost time.
        handler(request, reply) {
          const made = endpoint.run({
            params: (endpoint.params ? readInput(endpoint.params, request.params) : nothing) as never,
            query: readQuery(request.query as object) as never,
            body: (endpoint.body ? readInput(endpoint.body, request.body ?? {}) : request.body) as never,
            request,
            reply,
          })
          reply.code(status)
          return made.then((data) => {
            if (endpoint.answerType === eventStream) return reply
            return wire.success(request, keep(data), endpoint.msg?.(request))
          })
        },
      })
    },
  }
}

/** A key in a URL ends up in logs and histories: whoever puts one there is told, and not served. */
const namesOfSecrets = new Set(['key', 'api_key', 'apikey', 'token', 'access_token', 'authorization'])

/**
 * `?cursor=&status=` says the same as leaving both out, and what that means is worked out once. Whoever only reads
 * may name what is not known here, as those do who want to get past a cache. A request that changes something must
 * mean what it says, and so must the operator: a filter with a slip in it would show everybody's.
 */
function queryReader({ method, tag, query: schema = noQuery }: Pick<Endpoint, 'method' | 'tag' | 'query'>) {
  const unasked = schema.safeParse({})
  const isKnown = (name: string) => Object.hasOwn(schema.shape, name)
  const isMeant = (name: string) =>
    method !== 'GET' ||
    isKnown(name) ||
    namesOfSecrets.has(name.toLowerCase()) ||
    (tag === operatorTag && !name.startsWith('_'))
  return (query: object): unknown => {
    if (unasked.success && Object.keys(query).length === 0) return unasked.data
    const given = Object.entries(query).filter(([name, value]) => value !== '' && isMeant(name))
    return readInput(schema, Object.fromEntries(given.map(([name, value]) => [name, once(name, value)])))
  }
}

/** A name that stands there several times is a list to the framework. */
function once(name: string, value: unknown): unknown {
  if (!Array.isArray(value)) return value
  const [times, field] = [value.length, name]
  throw new GatewayError(
    'invalid_request',
    {
      en: `${name}: stands ${times} times in the query; give it once.`,
      zh: `${name}:在查询中出现了 ${times} 次,请只写一次。`,
    },
    { field },
  )
}
