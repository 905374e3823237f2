// Defines endpoints: input validation, answers serialized by a schema, and documentation, all from one place.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { GatewayError } from '../errors.ts'
import type { Text } from '../errors.ts'
import { csvOf, csvType, wantsCsv } from './reports/csv.ts'
import type { CsvTable } from './reports/csv.ts'
import { nextPageHeader, nextPageOf, tableOfList } from './reports/lists.ts'
import { readInput } from './wire/input.ts'
import type { ReadAhead } from './wire/read-ahead.ts'
import { noBody } from './wire/refusals.ts'
import type { PictureBodies } from './bodies/picture-body.ts'
import { surfaceAt } from './wire/wire.ts'
import type { Surface } from './wire/wire.ts'
import { serializerOf } from './wire/response-serializer.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    operationId?: string
  }
}

type Shape = z.ZodObject

/** For a route whose `run` takes over the connection for an event stream. */
export const eventStream = 'text/event-stream'
/** For a route whose `run` sends a text of JSON objects, one a line. */
export const jsonLines = 'application/x-ndjson'
/** For a route whose `run` sends a video or a picture of it. */
export const videoFiles = ['video/*', 'image/*', 'application/octet-stream'] as const

export interface Endpoint<
  Params extends Shape = Shape,
  Query extends Shape = Shape,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  /** What clients that are generated call it, such as `createTask`; unique in its document. */
  readonly operationId: string
  /** The heading it stands under in the reference. */
  readonly tag: string
  readonly summary: string
  readonly description?: string
  /** It needs no key. */
  readonly isPublic?: true
  readonly params?: Params
  readonly query?: Query
  /** Checked before `run`. Omit it if `run` reads the body itself, and set `documentedBody`. */
  readonly body?: Body
  /** Documents a body that is not checked here; built anew for each document. */
  readonly documentedBody?: () => z.ZodType
  /** Bodies that can be sent as they stand, by name. Omit it if the fields of the schema have `examples`. */
  readonly bodyExamples?: () => Readonly<
    Record<string, { readonly summary: string; readonly value: unknown }>
  >
  readonly bodyType?: 'application/json' | 'multipart/form-data'
  /** Headers that `run` reads, and those that it may set: documented, not checked. */
  readonly documentedHeaders?: Shape
  readonly documentedAnswerHeaders?: Shape
  /** Reads bodies above the usual size limit, because they contain pictures. */
  readonly pictures?: PictureBodies
  /** Its `meta({ id })` names the component; of it and of its `examples` the document makes the envelope. */
  readonly answer: Answer
  /** Instead of the `examples` of `answer`, where they depend on the catalogue. */
  readonly answerExample?: () => z.input<Answer>
  readonly answerTypes?: readonly [typeof eventStream] | readonly [typeof jsonLines] | typeof videoFiles
  /** The same as a table, for callers that ask for CSV. A list is one without it. */
  readonly csv?: (answer: z.input<Answer>) => CsvTable
  readonly status?: 200 | 201
  /** What it answers with 202; `isEmpty`: without a body. */
  readonly accepted?: { readonly description: string; readonly isEmpty?: true }
  readonly msg?: (request: FastifyRequest) => Text
  /**
   * The fields of the answer stand beside `data` as well, with these: the SDKs of the Open API read them there.
   */
  readonly flat?: Readonly<Record<string, number>>
  /** Begun before the key is known to be valid still: `run` takes what it read, and nobody else sees it. */
  readonly readAhead?: ReadAhead
  /** Undefined: it answers by itself, as it takes over the connection or sends a stream. */
  run(input: {
    readonly params: z.output<Params>
    readonly query: z.output<Query>
    readonly body: z.output<Body>
    readonly request: FastifyRequest
    readonly reply: FastifyReply
  }): Promise<z.input<Answer> | undefined>
}

export interface Routes {
  add<P extends Shape, Q extends Shape, B extends z.ZodType, A extends z.ZodType>(
    scope: FastifyInstance,
    endpoint: Endpoint<P, Q, B, A>,
  ): void
  /** All added endpoints, for the OpenAPI document. */
  readonly endpoints: readonly Endpoint[]
}

const nothing = {}
const streams: ReadonlySet<string> = new Set([eventStream, jsonLines])
const noQuery = z.strictObject(nothing)

export function createRoutes(): Routes {
  const endpoints: Endpoint[] = []
  return {
    endpoints,
    add(scope, endpoint) {
      const { csv = tableOfList(endpoint) } = endpoint
      endpoints.push(endpoint)
      const { method, url, status = 200 } = endpoint
      const { callers } = surfaceAt(scope.surfaces, url)
      const readQuery = queryReader(endpoint, callers)
      const keep = serializerOf(endpoint.answer)
      const { wire } = surfaceAt(scope.surfaces, url)
      scope.route({
        method,
        url: url.replace(/\{(\w+)\}/g, ':$1'),
        // A HEAD request for a stream would wait as long as the stream lasts.
        exposeHeadRoute: !streams.has(endpoint.answerTypes?.[0] ?? ''),
        ...endpoint.pictures?.hooks,
        config: {
          operationId: endpoint.operationId,
          takesBody: Boolean(endpoint.body ?? endpoint.documentedBody),
          pictures: endpoint.pictures,
          readAhead: endpoint.readAhead,
        },
        // Not async: an extra promise per request costs time.
        handler(request, reply) {
          const made = endpoint.run({
            params: (endpoint.params ? readInput(endpoint.params, request.params) : nothing) as never,
            query: readQuery(request.query as object) as never,
            body: (endpoint.body ? readBody(endpoint.body, request.body) : request.body) as never,
            request,
            reply,
          })
          reply.code(status)
          return made.then((data) => {
            if (data === undefined) return reply
            if (csv && wantsCsv(request)) {
              const next = nextPageOf(data)
              if (next !== null) reply.header(nextPageHeader, next)
              return reply.type(`${csvType}; charset=utf-8`).send(csvOf(csv(data)))
            }
            return wire.success(request, {
              data: keep(data),
              msg: endpoint.msg?.(request),
              flat: endpoint.flat,
            })
          })
        },
      })
    },
  }
}

/** What is missing is named, as in an empty body; where nothing would be, the body itself is. */
function readBody(schema: z.ZodType, body: unknown): unknown {
  if (body !== undefined && body !== null) return readInput(schema, body)
  readInput(schema, {})
  throw noBody()
}

/** A key in a URL ends up in logs and browser histories: such requests are refused with an explanation. */
const namesOfSecrets = new Set(['key', 'api_key', 'apikey', 'token', 'access_token', 'authorization'])

/**
 * For customers `?limit=&status=` equals leaving both out; that default is computed once. Their GET requests may
 * have unknown parameters, such as cache busters. Requests that change something, and operator requests, must
 * not; nor may the operator's filters be empty: one with a typo, or of a variable that is not set, would return
 * everybody's data.
 */
function queryReader(
  { method, query: schema = noQuery }: Pick<Endpoint, 'method' | 'query'>,
  callers: Surface['callers'],
) {
  const unasked = schema.safeParse({})
  const isKnown = (name: string) => Object.hasOwn(schema.shape, name)
  const isForOperators = callers === 'operators'
  const isMeant = (name: string) =>
    method !== 'GET' ||
    isKnown(name) ||
    namesOfSecrets.has(name.toLowerCase()) ||
    (isForOperators && !name.startsWith('_'))
  const isLeftOut = (value: unknown) => value === '' && !isForOperators
  return (query: object): unknown => {
    if (unasked.success && Object.keys(query).length === 0) return unasked.data
    const given = Object.entries(query).filter(([name, value]) => !isLeftOut(value) && isMeant(name))
    return readInput(schema, Object.fromEntries(given.map(([name, value]) => [name, once(name, value)])))
  }
}

/** The framework parses a repeated parameter as a list. */
function once(name: string, value: unknown): unknown {
  if (!Array.isArray(value)) return value
  const [times, field] = [value.length, name]
  throw new GatewayError(
    'invalid_request',
    {
      en: `${name}: is given ${times} times in the query; give it once.`,
      zh: `${name}:在查询中出现了 ${times} 次,请只写一次。`,
    },
    { field },
  )
}
