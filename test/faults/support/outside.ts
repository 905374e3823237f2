// The gateway as anybody outside sees it: one connection for each request, and nothing is ever sent twice.
import { Agent, request } from 'undici'
import { adminToken } from '../../cli/command.ts'

/** On a kept connection that just closes, a client might send its order again by itself. */
const agent = new Agent({ pipelining: 0, connections: 64, headersTimeout: 90_000, bodyTimeout: 90_000 })

export interface Answer {
  readonly status: number
  readonly json: any
}

/** Throws what the connection threw; `neverSent` tells those errors apart that came before any byte. */
export async function call(url: string, key: string, body?: unknown): Promise<Answer> {
  const { statusCode, body: answer } = await request(url, {
    dispatcher: agent,
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: statusCode, json: await answer.json() }
}

export function neverSent(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ECONNREFUSED'
}

/** Whether the gateway says that it can work. */
export async function ready(url: string): Promise<boolean> {
  try {
    return (await call(`${url}/readyz`, '')).status === 200
  } catch {
    return false
  }
}

/** What the operator API answers, or an error where it refuses. */
export async function operator(url: string, path: string, body?: unknown): Promise<any> {
  const { status, json } = await call(`${url}/admin/v1${path}`, adminToken, body)
  if (status >= 300) throw new Error(`${path} answered ${status}: ${JSON.stringify(json)}`)
  return json.data
}

/** Every row of a list that comes in pages. */
export async function everyPage(url: string, key: string, path: string, name: string): Promise<any[]> {
  const rows: any[] = []
  let cursor: string | null = null
  do {
    const more: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const { status, json } = await call(`${url}${path}?limit=100${more}`, key)
    if (status !== 200 || json.code !== 200) throw new Error(`${path} answered ${JSON.stringify(json)}`)
    rows.push(...json.data[name])
    cursor = json.data.next_cursor
  } while (cursor !== null)
  return rows
}
