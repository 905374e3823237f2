// Whatever is wrong with a field of a route, its words are ours, in both languages: no library's are ever shown.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminToken, startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway()
  customer = await gateway.customer(0)
})
afterAll(async () => await gateway.stop())

/** How zod, the framework and the parsers under them speak. */
const libraries =
  /expected|received|invalid (?:input|option|string|url|type|json|key)|too (?:big|small)|unrecogni[sz]ed|match pattern|nonoptional|\bNaN\b|zod|FST_|undefined|\[object|unexpected token|无效输入|无效选项|无效字符串|期望|数值过|应满足|未知的键/i

const wrong: readonly unknown[] = [null, true, -1, 1.5, '', 'nonsense', 'x'.repeat(3_000), 'one\ntwo', [], {}]

/** What a route must have before it looks at the next field. */
const right: Readonly<Record<string, unknown>> = {
  name: 'somebody',
  amount: 1,
  url: null,
  model_id: 'gpt-image-2',
  prompt: 'a heron',
}

interface Try {
  readonly method: string
  readonly path: string
  readonly body?: unknown
}

type Schema = { $ref?: string; properties?: Record<string, Schema>; type?: unknown }

/** Every field of every route of the document, each with every value that is wrong for most. */
function triesOf(document: any): Try[] {
  const resolve = (schema: Schema): Schema =>
    schema.$ref === undefined ? schema : document.components.schemas[schema.$ref.split('/').at(-1) ?? '']
  // They take no fields, and stay open.
  const paths = Object.entries<Record<string, any>>(document.paths).filter(
    ([form]) => !form.endsWith('v1/events'),
  )
  return paths.flatMap(([form, operations]) =>
    Object.entries(operations).flatMap(([name, operation]) => {
      const method = name.toUpperCase()
      const path = form.replace(/\{.*?\}/g, customer.accountId)
      const parameters: any[] = operation.parameters ?? []
      const queries = parameters.filter((parameter) => parameter.in === 'query').map((one) => one.name)
      const body = operation.requestBody?.content['application/json']?.schema
      return [
        ...wrong.map((value) => ({
          method,
          path: form.replace(/\{.*?\}/g, encodeURIComponent(String(value))),
        })),
        ...queries.flatMap((query) => [
          ...wrong.map((value) => ({
            method,
            path: `${path}?${query}=${encodeURIComponent(String(value))}`,
          })),
          { method, path: `${path}?${query}=1&${query}=2` },
        ]),
        ...(body ? bodiesOf(resolve(body), resolve).map((each) => ({ method, path, body: each })) : []),
      ]
    }),
  )
}

function bodiesOf(schema: Schema, resolve: (schema: Schema) => Schema): unknown[] {
  const properties = schema.properties ?? {}
  const base = Object.fromEntries(Object.entries(right).filter(([name]) => name in properties))
  const nested = Object.entries(properties).flatMap(([name, inner]) =>
    bodiesWithin(resolve(inner), resolve).map((value) => ({ ...base, [name]: value })),
  )
  return [
    ...wrong.slice(1),
    {},
    { ...base, nonsense: 1 },
    ...Object.keys(properties).flatMap((name) => wrong.map((value) => ({ ...base, [name]: value }))),
    ...nested,
  ]
}

const bodiesWithin = (schema: Schema, resolve: (schema: Schema) => Schema): unknown[] =>
  schema.properties ? bodiesOf(schema, resolve) : []

test(
  'no field of any route, given wrongly, is answered in the words of a library',
  { timeout: 180_000 },
  async () => {
    const documents = await Promise.all(
      ['/openapi.json', '/admin/openapi.json'].map(async (path) => (await gateway.call('GET', path)).json),
    )
    const tries = documents.flatMap(triesOf)
    expect(tries.length).toBeGreaterThan(500)
    let refused = 0
    // Each field is given many wrong values: every second one is asked about in Chinese.
    const judge = async ({ method, path, body }: Try, at: number): Promise<void> => {
      const language = at % 2 === 0 ? 'zh' : 'en'
      const { json, text, status } = await gateway.call(method, path, {
        key: path.startsWith('/admin/') ? adminToken : customer.key,
        headers: {
          'accept-language': language,
          ...(path.endsWith('/files') && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const what = `${method} ${path.slice(0, 200)} ${JSON.stringify(body)?.slice(0, 200)}: ${text.slice(0, 500)}`
      expect(status, what).not.toBe(500)
      const told = [json?.msg, json?.error?.message, json?.detail, json?.message?.global, json?.message]
      if (!json?.error && !(json?.code >= 400) && !(json?.status >= 400)) return
      refused += 1
      // The value itself may be repeated in quotes.
      for (const words of told.filter((one) => typeof one === 'string')) {
        const said = words.replaceAll(/"[^"]*"|“[^”]*”/g, '""')
        expect(said, what).not.toMatch(libraries)
        if (language === 'zh') expect(said, what).toMatch(/\p{Script=Han}/u)
        else expect(said, what).not.toMatch(/\p{Script=Han}/u)
      }
    }
    const atOnce = 16
    for (let at = 0; at < tries.length; at += atOnce)
      await Promise.all(tries.slice(at, at + atOnce).map((one, index) => judge(one, index)))
    expect(refused).toBeGreaterThan(400)
  },
)
