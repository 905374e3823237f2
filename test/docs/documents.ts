// The operations of both OpenAPI documents, as a gateway serves them.
import type { Gateway } from '../support/gateway.ts'

export const documents = ['/openapi.json', '/admin/openapi.json'] as const

export interface Operation {
  readonly name: string
  readonly document: any
  readonly operation: any
}

export async function operationsOf(gateway: Gateway): Promise<Operation[]> {
  const all = await Promise.all(
    documents.map(async (path) => {
      const document = (await gateway.call('GET', path)).json
      return Object.entries<object>(document.paths).flatMap(([url, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({
          name: `${method} ${url}`,
          document,
          operation,
        })),
      )
    }),
  )
  return all.flat()
}
