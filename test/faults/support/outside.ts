// The gateway as anybody outside sees it: one connection for each request, and nothing is ever sent twice.
import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { adminToken } from '../../cli/command.ts'

export interface Answer {
  readonly status: number
  readonly json: any
}

/** A process that is frozen for its own good takes a minute. */
const answerMaxMs = 90_000

/** Throws what the connection threw; `neverSent` tells those errors apart that came before any byte. */
export async function call(url: string, key: string, body?: unknown, socket?: Socket): Promise<Answer> {
  const json = body === undefined ? null : JSON.stringify(body)
  const asking = request(url, {
    method: json === null ? 'GET' : 'POST',
    // On a kept connection that just closes, a client might send its order again by itself.
    agent: false,
    timeout: answerMaxMs,
    headers: {
      authorization: `Bearer ${key}`,
      ...(json !== null && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) }),
    },
    ...(socket && { createConnection: () => socket }),
  })
  asking.on('timeout', () => asking.destroy(new Error(`no answer within ${answerMaxMs} ms`)))
  asking.end(json)
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  return { status: response.statusCode ?? 0, json: JSON.parse(await text(response)) }
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
