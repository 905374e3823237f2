// Builds the OpenAPI document from the endpoints and the live catalogue.
import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { createDocument } from 'zod-openapi'
import type { ZodOpenApiObject, ZodOpenApiOperationObject } from 'zod-openapi'
import type { Context } from '../../context.ts'
import { errorTypes } from '../../errors.ts'
import { version } from '../../version.ts'
import { documentedWebhooks } from './event-docs.ts'
import { operatorTag } from '../route.ts'
import type { Endpoint } from '../route.ts'
import { surfacesOf } from '../surfaces/surfaces.ts'
import { surfaceAt } from '../wire/wire.ts'
import type { Wire } from '../wire/wire.ts'

/** Returns the document as JSON text, built once for each version of the catalogue. */
export function openApiText(ctx: Context, endpoints: readonly Endpoint[]): () => Promise<string> {
  let built = { version: 0, text: Promise.resolve('') }
  return async () => {
    const { version: wanted } = ctx.catalog
    if (built.version !== wanted) built = { version: wanted, text: buildText(ctx, endpoints) }
    try {
      return await built.text
    } catch (error) {
      // The next request builds it again.
      built.version = 0
      throw error
    }
  }
}

/**
 * Builds the document endpoint by endpoint and lets other work run in between: building all at once blocks
 * the event loop for a tenth of a second.
 */
async function buildText(ctx: Context, endpoints: readonly Endpoint[]): Promise<string> {
  const paths: Record<string, object> = {}
  const surfaces = surfacesOf(ctx.config)
  const wireOf = (url: string) => surfaceAt(surfaces, url).wire
  const schemas: Record<string, unknown> = {}
  for (const endpoint of endpoints) {
    const { url } = endpoint
    const one = createDocument({
      ...frame,
      paths: { [url]: { [endpoint.method.toLowerCase()]: operationOf(endpoint, wireOf(url)) } },
    })
    paths[url] = { ...paths[url], ...one.paths?.[url] }
    Object.assign(schemas, one.components?.schemas)
    await setImmediate()
  }
  const { webhooks, components } = createDocument({ ...frame, webhooks: documentedWebhooks() })
  Object.assign(schemas, components?.schemas)
  return JSON.stringify({
    ...frame,
    servers: [{ url: ctx.config.publicUrl ?? '/' }],
    components: { ...frame.components, schemas },
    paths,
    webhooks,
  })
}

const frame = {
  openapi: '3.1.0',
  info: {
    title: 'tollgate',
    version,
    description:
      'REST API for creating image and video generation tasks. Every answer is `{ code, msg, data }`: `code` 200 is success, `code` 0 a failure that `error` explains.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  tags: ['Tasks', 'Models', 'Credits', 'Files', 'Webhooks', 'OpenAI', 'Replicate', 'kie', 'Keevx', 'Operator'].map((name) => ({ name })),
  components: {
    securitySchemes: {
      key: { type: 'http', scheme: 'bearer', description: 'An account’s sk- key.' },
      adminToken: { type: 'http', scheme: 'bearer', description: 'The operator’s ADMIN_TOKEN.' },
    },
  },
} as const satisfies ZodOpenApiObject & object

function operationOf(endpoint: Endpoint, wire: Wire): ZodOpenApiOperationObject {
  const { status = 200, answer, params, query, bodyType = 'application/json' } = endpoint
  const { documentedHeaders: header, documentedAnswerHeaders: headers } = endpoint
  const operator = endpoint.tag === operatorTag
  const body = endpoint.documentedBody?.() ?? endpoint.body
  const failureStatuses = operator ? operatorFailures : wire.documented ? otherFailures : clientFailures
  return {
    operationId: operationId(endpoint),
    tags: [endpoint.tag],
    summary: endpoint.summary,
    ...(endpoint.description && { description: endpoint.description }),
    security: [operator ? { adminToken: [] } : { key: [] }],
    requestParams: { ...(params && { path: params }), ...(query && { query }), ...(header && { header }) },
    ...(body && { requestBody: { required: true, content: { [bodyType]: { schema: body } } } }),
    responses: {
      [status]: {
        description: operator || wire.documented ? 'Done.' : 'Done, or a business failure: see `code`.',
        ...(headers && { headers }),
        content: wire.documented
          ? { 'application/json': { schema: wire.documented(answer) } }
          : contentOf(endpoint, answer, operator),
      },
      ...Object.fromEntries(
        Object.entries(failureStatuses).map(([code, description]) => [
          code,
          wire.documented
            ? { description }
            : { description, content: { 'application/json': { schema: failure } } },
        ]),
      ),
    },
  }
}

function contentOf({ answerType, flat }: Endpoint, answer: z.ZodType, operator: boolean) {
  if (answerType) {
    return { [answerType]: { schema: answer }, 'application/json': { schema: failure } }
  }
  return {
    'application/json': {
      schema: operator ? envelope(answer) : z.union([envelope(answer, flat), failure]),
    },
  }
}

/** `GET /api/v1/tasks/{task_id}` is `get_api_v1_tasks_task_id`. */
function operationId({ method, url }: Endpoint): string {
  return `${method.toLowerCase()}${url.replaceAll(/[{}]/g, '').replaceAll(/\W+/g, '_')}`
}

function envelope(data: z.ZodType, flat?: Endpoint['flat']) {
  const whole = z.object({ code: z.literal(200), msg: z.string(), data })
  if (!flat) return whole
  const beside = Object.entries(flat).map(([name, value]) => [name, z.literal(value)])
  return whole
    .extend((data as z.ZodObject).shape)
    .extend(Object.fromEntries(beside))
    .meta({ description: 'The fields of `data` stand beside it as well: the SDKs of the Open API read them there.' })
}

const failure = z
  .object({
    code: z.literal(0),
    msg: z.string().meta({ description: 'In the language that was asked for.' }),
    data: z.null(),
    error: z.object({
      type: z.enum(errorTypes),
      message: z.string(),
      field: z.string().optional().meta({ description: 'The field of the request that has to change.' }),
      request_id: z.string(),
    }),
  })
  .meta({ id: 'Failure' })

const anyFailures = {
  400: 'The body is not well-formed.',
  401: 'Invalid or missing key.',
  429: 'Too many requests; see Retry-After.',
  500: 'Internal error.',
  503: 'Temporarily unavailable; see Retry-After.',
}
const clientFailures = { ...anyFailures, 413: 'The body is too large.', 415: 'Not the expected media type.' }
const otherFailures = {
  ...clientFailures,
  402: 'Not enough credits.',
  404: 'There is no such thing, or no such model.',
  422: 'A value is not taken.',
}
const operatorFailures = {
  ...anyFailures,
  404: 'There is no such thing.',
  409: 'It conflicts with how things stand.',
  422: 'The values cannot be carried out.',
}
