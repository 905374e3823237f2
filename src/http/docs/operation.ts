// One endpoint as an operation of an OpenAPI document.
import { z } from 'zod'
import type {
  CreateDocumentOptions,
  ZodOpenApiOperationObject,
  ZodOpenApiResponseObject,
} from 'zod-openapi'
import type { Endpoint } from '../route.ts'
import type { DocumentedStatus, SurfaceDocs } from '../wire/docs/surface-docs.ts'
import { csvOf, csvType } from '../reports/csv.ts'
import { nextPageHeaders, tableOfList } from '../reports/lists.ts'
import { exampleOf, named } from './example.ts'

/** Bounds that only say how far JavaScript counts exactly; and objects of answers may gain fields. */
export const printOptions: CreateDocumentOptions = {
  override({ jsonSchema, io }) {
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
    if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
  },
}

export function operationOf(endpoint: Endpoint, docs: SurfaceDocs): ZodOpenApiOperationObject {
  const { operationId, tag, summary, description, status = 200, params, query } = endpoint
  const { documentedHeaders: header, isPublic } = endpoint
  const refusals = Object.entries(docs.statuses)
    .filter(([code]) => !(isPublic && code === '401'))
    .map(([code, { name }]) => [code, responseRef(name)] as const)
  return {
    operationId,
    tags: [tag],
    summary,
    ...(description && { description }),
    security: isPublic ? [] : [{ [docs.security]: [] }],
    requestParams: { ...(params && { path: params }), ...(query && { query }), ...(header && { header }) },
    ...bodyOf(endpoint),
    responses: {
      [status]: successOf(endpoint, docs),
      ...acceptedOf(endpoint, docs),
      ...Object.fromEntries(refusals),
    },
  }
}

function bodyOf(endpoint: Endpoint): Pick<ZodOpenApiOperationObject, 'requestBody'> {
  const { bodyType = 'application/json' } = endpoint
  const schema = endpoint.documentedBody?.() ?? endpoint.body
  if (!schema) return {}
  const examples = endpoint.bodyExamples?.() ?? named('body', exampleOf(schema))
  return { requestBody: { required: true, content: { [bodyType]: { schema, examples } } } }
}

function successOf(endpoint: Endpoint, docs: SurfaceDocs): ZodOpenApiResponseObject {
  const ofPage = tableOfList(endpoint) ? nextPageHeaders : undefined
  const { documentedAnswerHeaders: headers = ofPage } = endpoint
  return {
    description: docs.refusedAsSuccess ? 'Done, or a business failure: see `code`.' : 'Done.',
    ...(headers && { headers }),
    content: contentOf(endpoint, docs),
  }
}

function acceptedOf(endpoint: Endpoint, docs: SurfaceDocs): Record<number, ZodOpenApiResponseObject> {
  const { accepted } = endpoint
  if (!accepted) return {}
  const { description, isEmpty } = accepted
  return { 202: { description, ...(!isEmpty && { content: contentOf(endpoint, docs) }) } }
}

function contentOf(endpoint: Endpoint, docs: SurfaceDocs) {
  const { answer, answerTypes } = endpoint
  const csv = csvExample(endpoint)
  const json = { 'application/json': objectOf(endpoint, docs) }
  if (csv !== null) return { ...json, [csvType]: { schema: z.string(), examples: named('table', csv) } }
  if (!answerTypes) return json
  const stream = { schema: answer, examples: named('stream', exampleOf(answer)) }
  const refused = { schema: docs.failure, examples: refusedExample(docs) }
  return {
    ...Object.fromEntries(answerTypes.map((type) => [type, stream])),
    ...(docs.refusedAsSuccess && { 'application/json': refused }),
  }
}

function objectOf({ answer, answerExample, flat }: Endpoint, docs: SurfaceDocs) {
  const example = answerExample?.() ?? exampleOf(answer)
  const whole = example === undefined ? undefined : docs.successExample(example, flat)
  const success = docs.success(answer, flat)
  return {
    schema: docs.refusedAsSuccess ? z.union([success, docs.failure]) : success,
    examples: { ...named('done', whole, 'Done'), ...refusedExample(docs) },
  }
}

/** Null: it is no table. */
function csvExample(endpoint: Endpoint): string | undefined | null {
  const { answer, answerExample, csv: table = tableOfList(endpoint) } = endpoint
  if (!table) return null
  const example = answerExample?.() ?? exampleOf(answer)
  return example === undefined ? undefined : csvOf(table(example))
}

const refusedExample = ({
  refusedAsSuccess,
  failureExample,
}: Pick<SurfaceDocs, 'refusedAsSuccess' | 'failureExample'>) =>
  refusedAsSuccess ? named('refused', failureExample(refusedAsSuccess), 'Refused') : {}

const responseRef = (name: string) => ({ $ref: `#/components/responses/${name}` }) as const

/** The responses that the operations of a surface refer to. */
export function responsesOf({ statuses, failure, failureExample }: SurfaceDocs) {
  const responses = Object.values(statuses).map((status) => [
    status.name,
    {
      description: status.description,
      ...(status.retryAfter && { headers: retryAfter }),
      content: {
        'application/json': {
          schema: failure,
          examples: named('refused', failureExample(status.example)),
        },
      },
    },
  ])
  return Object.fromEntries(responses) as Record<DocumentedStatus['name'], ZodOpenApiResponseObject>
}

const retryAfter = z.object({
  'Retry-After': z.int().optional().meta({ description: 'Seconds until the same call may succeed.', examples: [2] }),
})
