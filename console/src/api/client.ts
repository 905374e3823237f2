// Calls the gateway's APIs by the session's cookie, typed by the OpenAPI documents.
import type { paths as ClientPaths } from './client-api.d.ts'
import type { paths as OperatorPaths } from './operator-api.d.ts'

type Paths = ClientPaths & OperatorPaths
type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'
/** Paths that have the method. */
export type PathsOf<M extends Method> = {
  [P in keyof Paths]: Paths[P] extends Record<M, { responses: unknown }> ? P : never
}[keyof Paths] &
  string
type OperationOf<P extends keyof Paths, M extends Method> = Paths[P] extends Record<M, infer O> ? O : never

type Json<T> = T extends { content: { 'application/json': infer J } } ? J : never
type Success<O> = O extends { responses: infer R }
  ? R extends { 200: infer A }
    ? Json<A>
    : R extends { 201: infer A }
      ? Json<A>
      : never
  : never
/** What stands in `data` of the answer. */
export type Answer<P extends keyof Paths, M extends Method = 'get'> =
  Success<OperationOf<P, M>> extends { data: infer D } ? NonNullable<D> : never
type ParametersOf<O, Kind extends 'query' | 'path'> = O extends { parameters: infer P }
  ? P extends { [K in Kind]?: infer V }
    ? V
    : never
  : never
type BodyOf<O> = O extends { requestBody?: { content: { 'application/json': infer B } } } ? B : never

/** Filters come from the address of the page, where all are texts; the gateway says what is wrong with one. */
type Asked<Query> = { readonly [Name in keyof Query]?: Query[Name] | string }

export interface Call<P extends keyof Paths, M extends Method> {
  readonly path?: ParametersOf<OperationOf<P, M>, 'path'>
  readonly query?: Asked<Exclude<ParametersOf<OperationOf<P, M>, 'query'>, undefined>>
  readonly body?: BodyOf<OperationOf<P, M>>
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

/** A refusal in the gateway's own words. */
export class Refusal extends Error {
  readonly status: number
  readonly type: string
  readonly field: string | null
  readonly buyUrl: string | null
  constructor(status: number, message: string, error: Readonly<Record<string, unknown>>) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.type = textOr(error['type'], '')
    this.field = typeof error['field'] === 'string' ? error['field'] : null
    this.buyUrl = typeof error['buy_url'] === 'string' ? error['buy_url'] : null
  }
}

/** Where the gateway is: the path before `/console`, without a trailing slash. */
export const root = location.pathname.replace(/\/console(?:\/.*)?$/, '')

let language = 'en'
export function speak(to: 'en' | 'zh'): void {
  language = to
}

let whenSignedOut = (): void => undefined
/** Called when an answer says that the session has ended. */
export function onSignedOut(run: () => void): void {
  whenSignedOut = run
}

/** Throws a `Refusal`, or a `TypeError` where the gateway cannot be reached. */
export async function call<M extends Method, P extends PathsOf<M>>(
  method: M,
  path: P,
  given: Call<P, M> = {},
): Promise<Answer<P, M>> {
  const answer = await send(method, urlOf(path, given), given)
  return (answer as { readonly data: Answer<P, M> }).data
}

export function urlOf(
  path: string,
  { path: parts, query }: { readonly path?: unknown; readonly query?: unknown } = {},
): string {
  const named = path.replace(/\{(\w+)\}/g, (_all, name: string) =>
    encodeURIComponent(String((parts as Readonly<Record<string, unknown>>)[name])),
  )
  const asked = new URLSearchParams()
  for (const [name, value] of Object.entries(
    (query ?? {}) as Readonly<Record<string, string | number | undefined>>,
  )) {
    if (value !== undefined && value !== '') asked.set(name, String(value))
  }
  return `${root}/console${named}${asked.size > 0 ? `?${asked}` : ''}`
}

interface Sent {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

/** The body of an answer; null for one without. */
export async function send(
  method: string,
  url: string,
  { body, headers, signal }: Sent = {},
): Promise<unknown> {
  const isForm = body instanceof FormData
  const response = await fetch(url, {
    method: method.toUpperCase(),
    headers: {
      accept: 'application/json',
      'accept-language': language,
      ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
    credentials: 'same-origin',
  })
  if (response.status === 204) return null
  const answer: unknown = await response.json().catch(() => null)
  const refused = refusalOf(response.status, answer)
  if (refused === null) return answer
  if (refused.status === 401 && !url.endsWith('/console/session')) whenSignedOut()
  throw refused
}

/** An answer of another type. */
export async function fetchAs(type: string, url: string): Promise<Response> {
  const response = await fetch(url, {
    headers: { accept: type, 'accept-language': language },
    credentials: 'same-origin',
  })
  if (response.ok) return response
  const answer: unknown = await response.json().catch(() => null)
  throw refusalOf(response.status, answer) ?? new Error(`HTTP ${response.status}`)
}

/** The client API says a refusal with `code: 0` and status 200; the operator API by its status. */
function refusalOf(status: number, answer: unknown): Refusal | null {
  const body = (answer ?? {}) as Readonly<Record<string, unknown>>
  if (status < 400 && body['code'] !== 0) return null
  const error = (body['error'] ?? {}) as Readonly<Record<string, unknown>>
  return new Refusal(status, textOr(body['msg'] ?? error['message'], `HTTP ${status}`), error)
}

const textOr = (value: unknown, other: string): string => (typeof value === 'string' ? value : other)
