// How the tests ask the sandbox: plain fetch, with the headers that the documents want.
import type { Sandbox } from '../../sandbox/sandbox.ts'
import type { Clock } from '../../src/clock.ts'

export interface Answer {
  readonly status: number
  readonly body: any
}

export const headers = { authorization: 'Bearer key', source: 'skill', 'content-type': 'application/json' }

export async function post(
  sandbox: Sandbox,
  operation: string,
  body: unknown,
  also: Record<string, string> = {},
): Promise<Answer> {
  const answer = await fetch(`${sandbox.baseUrl}/${operation}`, {
    method: 'POST',
    headers: { ...headers, ...also },
    body: encode(body),
  })
  return { status: answer.status, body: await answer.json() }
}

/** Text and bytes as they are, anything else as JSON. */
function encode(body: unknown): string | Blob {
  if (body instanceof Uint8Array) return new Blob([new Uint8Array(body)])
  return typeof body === 'string' ? body : JSON.stringify(body)
}

export async function query(sandbox: Sandbox, operation: string, taskId: string): Promise<Answer> {
  const answer = await fetch(`${sandbox.baseUrl}/${operation}/${taskId}`, { headers })
  return { status: answer.status, body: await answer.json() }
}

export async function makeImage(sandbox: Sandbox, body: Record<string, unknown> = {}): Promise<string> {
  const answer = await post(sandbox, 'image_generate', { prompt: 'a lake', ...body })
  return answer.body.data.task_ids[0]
}

export const videoOrder = {
  model: 'V',
  prompt: 'a dog runs',
  aspect_ratio: '16:9',
  aspect_resolution: '720p',
  duration: 4,
}

export async function makeVideo(sandbox: Sandbox, body: Record<string, unknown> = {}): Promise<string> {
  const answer = await post(sandbox, 'image_to_video', { ...videoOrder, ...body })
  return answer.body.data.task_ids[0]
}

export interface HandClock extends Clock {
  turn(ms: number): void
}

/** Stands still until it is turned. */
export function handClock(): HandClock {
  let now = 1_730_000_000_000
  return {
    now: () => now,
    monotonic: () => now,
    boot: 'test',
    sleep: async () => undefined,
    turn(ms) {
      now += ms
    },
  }
}
