// Builds an OpenAPI document from the endpoints and the live catalogue.
import { setImmediate } from 'node:timers/promises'
import { createDocument } from 'zod-openapi'
import type { ZodOpenApiObject } from 'zod-openapi'
import { nameOf } from '../../config/brand.ts'
import type { Context } from '../../context.ts'
import { version } from '../../version.ts'
import type { Endpoint } from '../route.ts'
import { surfaceAt } from '../wire/wire.ts'
import type { Surface } from '../wire/wire.ts'
import type { DocumentPlan } from './documents.ts'
import { operationOf, printOptions, responsesOf } from './operation.ts'

export interface Documented {
  readonly surfaces: readonly Surface[]
  /** All endpoints of the gateway; the plan says which surfaces stand in the document. */
  readonly endpoints: readonly Endpoint[]
  readonly plan: DocumentPlan
}

/** Returns the document as JSON text, built once for each version of the catalogue and the brand. */
export function openApiText(ctx: Context, documented: Documented): () => Promise<string> {
  let built = { version: 0, text: Promise.resolve('') }
  return async () => {
    const { version: wanted } = ctx.catalog
    if (built.version !== wanted) built = { version: wanted, text: buildText(ctx, documented) }
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
async function buildText(ctx: Context, { surfaces, endpoints, plan }: Documented): Promise<string> {
  const paths: Record<string, object> = {}
  const components: Components = { schemas: {}, responses: {} }
  const tags = new Set<string>()
  const frame = frameOf(plan, nameOf(ctx.catalog.offer.brand).en)
  const add = (part: Pick<ZodOpenApiObject, 'paths' | 'webhooks' | 'components'>) => {
    const one = createDocument({ ...frame, ...part }, printOptions)
    Object.assign(components.schemas, one.components?.schemas)
    for (const [name, response] of Object.entries(one.components?.responses ?? {})) {
      if (Object.hasOwn(components.responses, name)) throw new Error(`two surfaces have a response ${name}`)
      components.responses[name] = response
    }
    return one
  }
  // First, because they are small: the library compiles itself when it is first used.
  // A surface of several prefixes stands there once for each.
  const described = surfaces.flatMap(({ docs, callers }) => (docs && callers === plan.callers ? [docs] : []))
  for (const docs of new Set(described)) {
    add({ components: { responses: responsesOf(docs) } })
    await setImmediate()
  }
  for (const endpoint of endpoints) {
    const { url, method, tag } = endpoint
    const { callers, docs } = surfaceAt(surfaces, url)
    if (callers !== plan.callers) continue
    if (!docs) throw new Error(`the surface of ${url} has no docs; http/surfaces.ts names them`)
    tags.add(tag)
    const operation = operationOf(endpoint, docs)
    const { paths: one } = add({ paths: { [url]: { [method.toLowerCase()]: operation } } })
    if (callers === 'customers' && method === 'GET') allowEmptyQueries(one?.[url]?.get)
    paths[url] = { ...paths[url], ...one?.[url] }
    await setImmediate()
  }
  const webhooks = plan.webhooks && add({ webhooks: plan.webhooks() }).webhooks
  if (webhooks) tags.add('Webhooks')
  return JSON.stringify({
    ...frame,
    servers: [{ url: ctx.config.publicUrl ?? '/' }],
    tags: [...tags].map((name) => ({ name })),
    components: { ...frame.components, ...components },
    paths,
    ...(webhooks && { webhooks }),
  })
}

/** As `route()` reads them: a customer's parameter that is left empty is left out. */
function allowEmptyQueries(operation: { parameters?: unknown[] } | undefined): void {
  const queries = (operation?.parameters ?? []) as { in?: string; allowEmptyValue?: boolean }[]
  for (const parameter of queries.filter((one) => one.in === 'query')) parameter.allowEmptyValue = true
}

interface Components {
  readonly schemas: Record<string, unknown>
  readonly responses: Record<string, unknown>
}

function frameOf({ title, description, schemes }: DocumentPlan, name: string) {
  const securitySchemes = Object.entries(schemes).map(
    ([scheme, words]) => [scheme, { type: 'http', scheme: 'bearer', description: words } as const] as const,
  )
  return {
    openapi: '3.1.0',
    info: { title: title(name), version, description, license: { name: 'MIT', identifier: 'MIT' } },
    components: { securitySchemes: Object.fromEntries(securitySchemes) },
  } as const satisfies ZodOpenApiObject & object
}
