// A gateway whose callbacks the test makes itself: the sandbox calls nobody outside this machine.
import { expect } from 'vitest'
import { startGateway, until } from '../support/gateway.ts'
import type { Answer, Gateway, GatewayOptions } from '../support/gateway.ts'
import { inspect, order } from '../tasks/order.ts'

/** Long polls, so that nothing but callbacks moves a task within a test. */
const yaml = `
media: { store: none }
upstreams:
  keevx:
    adapter: keevx
    image: { poll_every: 10m, give_up_after: 20m }
limits: { requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off }
`

export interface Door {
  readonly gateway: Gateway
  /** Where the upstream was told to call for the task, without the host; with its id upstream. */
  readonly path: string
  readonly upstreamTaskId: string
  readonly taskId: string
  send(path: string, body?: string | Uint8Array, type?: string | null): Promise<Answer>
  /** All that a callback could have changed. */
  seen(): Promise<unknown>
}

/** Far below the pauses between polls here. */
const soonMs = 30_000

/** With one task that runs, and does not end. */
export async function openDoor(options: GatewayOptions = {}): Promise<Door> {
  const gateway = await startGateway({ yaml, env: { PUBLIC_URL: 'https://gate.example' }, ...options })
  gateway.sandbox.freeze('all')
  const { taskId, path, upstreamTaskId } = await anotherTask(gateway)
  return {
    gateway,
    path,
    upstreamTaskId,
    taskId,
    send: (to, body, type = 'application/json') => send(`${gateway.url}${to}`, body, type),
    async seen() {
      const { read } = gateway.app.ctx.db
      // A poll that a callback brought about counts its task's polls, and puts the next one far off.
      const isDue = ({ dueAt }: { dueAt: number | null }) => dueAt !== null && dueAt < Date.now() + soonMs
      const tasks = await until(
        async () => await read.select().from(read.tables.tasks),
        (rows) => !rows.some(isDue),
      )
      const requests = await read.select().from(read.tables.requests)
      return [tasks, requests, await read.select().from(read.tables.earlyCallbacks)]
    },
  }
}

export async function anotherTask(
  gateway: Gateway,
): Promise<{ taskId: string; path: string; upstreamTaskId: string }> {
  const customer = await gateway.customer(1_000)
  const [taskId = ''] = await order(customer)
  await until(
    () => inspect(gateway, taskId),
    ({ state }) => state === 'running',
  )
  const { body, taskIds } = gateway.sandbox.submissions.at(-1) ?? expect.fail('nothing was ordered')
  return { taskId, path: new URL(String(body['callback_url'])).pathname, upstreamTaskId: taskIds[0] ?? '' }
}

export const callback = (task_id: unknown, more: object = {}): string =>
  JSON.stringify({ code: 0, msg: 'ok', task_type: 'image_generate', data: { task_id, ...more } })

/** `type` null: none is sent. */
async function send(
  url: string,
  body: string | Uint8Array = '',
  type: string | null = null,
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: type === null ? {} : { 'content-type': type },
    // Bytes get no Content-Type by themselves.
    body: new Uint8Array(Buffer.from(body)),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: JSON.parse(text) }
}
