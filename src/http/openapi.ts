// The OpenAPI document, made from the endpoints themselves and from the live catalogue.
import { z } from 'zod'
import { createDocument } from 'zod-openapi'
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi'
import type { Context } from '../context.ts'
import { errorTypes } from '../errors.ts'
import { version } from '../version.ts'
import { operatorTag } from './route.ts'
import type { Endpoint } from './route.ts'

/** Returns the document as JSON text, built once for each version of the catalogue. */
export function openApiText(ctx: Context, endpoints: readonly Endpoint[]): () => string {
  let built = { version: 0, text: '' }
  return () => {
    if (built.version !== ctx.catalog.version) {
      built = { version: ctx.catalog.version, text: JSON.stringify(buildDocument(ctx, endpoints)) }
    }
    return built.text
  }
}

function buildDocument(ctx: Context, endpoints: readonly Endpoint[]) {
  const paths: ZodOpenApiPathsObject = {}
  for (const endpoint of endpoints) {
    paths[endpoint.url] = {
      ...paths[endpoint.url],
      [endpoint.method.toLowerCase()]: operationOf(endpoint),
    }
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'tollgate',
      version,
      description:
        'REST API for creating image and video generation tasks. Every answer is `{ code, msg, data }`: `code` 200 is success, `code` 0 a failure that `error` explains.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: ctx.config.publicUrl ?? '/' }],
    tags: ['Tasks', 'Models', 'Credits', 'Files', 'Webhooks', 'Operator'].map((name) => ({ name })),
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An account’s sk- key.' },
        adminToken: { type: 'http', scheme: 'bearer', description: 'The operator’s ADMIN_TOKEN.' },
      },
    },
    paths,
  })
}

function operationOf(endpoint: Endpoint): ZodOpenApiOperationObject {
  const { status = 200, answer, params, query, bodyType = 'application/json' } = endpoint
  const { documentedHeaders: header, documentedAnswerHeaders: headers } = endpoint
  const operator = endpoint.tag === operatorTag
  const body = endpoint.documentedBody?.() ?? endpoint.body
  const failureStatuses = operator ? operatorFailures : clientFailures
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
        description: operator ? 'Done.' : 'Done, or a business failure: see `code`.',
        ...(headers && { headers }),
        content: contentOf(endpoint, answer, operator),
      },
      ...Object.fromEntries(
        Object.entries(failureStatuses).map(([code, description]) => [
          code,
          { description, content: { 'application/json': { schema: failure } } },
        ]),
      ),
    },
  }
}

function contentOf({ answerType }: Endpoint, answer: z.ZodType, operator: boolean) {
  if (answerType) {
    return { [answerType]: { schema: answer }, 'application/json': { schema: failure } }
  }
  return {
    'application/json': { schema: operator ? envelope(answer) : z.union([envelope(answer), failure]) },
  }
}

/** `GET /api/v1/tasks/{task_id}` is `get_api_v1_tasks_task_id`. */
function operationId({ method, url }: Endpoint): string {
  return `${method.toLowerCase()}${url.replaceAll(/[{}]/g, '').replaceAll(/\W+/g, '_')}`
}

const envelope = (data: z.ZodType) => z.object({ code: z.literal(200), msg: z.string(), data })

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
const operatorFailures = {
  ...anyFailures,
  404: 'There is no such thing.',
  409: 'It conflicts with how things stand.',
  422: 'The values cannot be carried out.',
}
