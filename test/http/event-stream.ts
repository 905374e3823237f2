// Reads a stream of Server-Sent Events as a client would, and what the gateway counts of those who wait.
import { expect, onTestFinished } from 'vitest'
import { until } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'

export interface Stream {
  readonly status: number
  readonly headers: Headers
  /** All that has come so far. */
  text(): string
  events(): { readonly id: string; readonly event: string; readonly data: any }[]
  /** Resolves when the gateway has ended the stream; rejects where it broke off. */
  readonly ended: Promise<void>
  leave(): void
}

export async function watch(
  gateway: Gateway,
  key: string,
  taskId: string,
  headers: Record<string, string> = {},
): Promise<Stream> {
  const opened = { authorization: `Bearer ${key}`, ...headers }
  return await watchAt(`${gateway.url}/api/v1/tasks/${taskId}/events`, opened)
}

export async function watchAt(url: string, headers: Record<string, string>): Promise<Stream> {
  const leaving = new AbortController()
  const response = await fetch(url, { headers, signal: leaving.signal })
  let heard = ''
  const ended = (async () => {
    for await (const bytes of response.body ?? expect.fail('no body')) heard += Buffer.from(bytes).toString()
  })()
  ended.catch(() => undefined)
  const leave = () => leaving.abort()
  onTestFinished(leave)
  return {
    status: response.status,
    headers: response.headers,
    text: () => heard,
    events: () => eventsIn(heard),
    ended,
    leave,
  }
}

function eventsIn(heard: string): { id: string; event: string; data: any }[] {
  const whole = heard.slice(0, heard.lastIndexOf('\n\n') + 2).split('\n\n')
  return whole
    .filter((block) => block.includes('event: '))
    .map((block) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? ''
      return { id: field('id'), event: field('event'), data: JSON.parse(field('data')) }
    })
}

/** How many wait, as an operator sees it. */
export async function waiters(gateway: Gateway): Promise<number> {
  const { text } = await gateway.call('GET', '/metrics')
  return Number(/^tollgate_waiters (\d+)$/m.exec(text)?.[1] ?? Number.NaN)
}

export const waitersAre = async (gateway: Gateway, count: number): Promise<number> =>
  await until(
    () => waiters(gateway),
    (found) => found === count,
  )
