// Sends a reply: whole, or with one of the scripted faults.
import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { httpStatus } from './replies.ts'
import type { Reply } from './replies.ts'
import type { ScriptedAnswer } from './scripted-answers.ts'

export function sendReply(response: ServerResponse, reply: Reply): void {
  const bytes = Buffer.from(JSON.stringify(reply.body))
  response.writeHead(reply.status, { 'content-type': 'application/json', 'content-length': bytes.length })
  response.end(bytes)
}

/** Where the answer goes, and what abandons it while it is being delayed. */
export interface Answering {
  readonly response: ServerResponse
  readonly stopping: AbortSignal
}

/**
 * `usual` does the work and returns the normal reply. If a script spoils the answer to accepted work, work
 * that the rules refuse still gets its normal refusal: a test must not mistake its own error for the fault.
 */
export async function perform(
  scripted: ScriptedAnswer,
  usual: () => Promise<Reply>,
  { response, stopping }: Answering,
): Promise<void> {
  switch (scripted.kind) {
    case 'status':
      return sendVerbatim(response, scripted)
    case 'reset':
      return reset(response)
    case 'hang':
      return
    case 'huge':
      return sendHuge(response, scripted.bytes)
    case 'delay':
      await wait(scripted.ms, undefined, { signal: stopping })
      return sendReply(response, await usual())
    default:
  }
  const reply = await usual()
  if (reply.body['code'] !== 0) return sendReply(response, reply)
  switch (scripted.kind) {
    case 'reset_after_accept':
      return reset(response)
    case 'hang_after_accept':
      return
    case 'delay_after_accept':
      await wait(scripted.ms, undefined, { signal: stopping })
      return sendReply(response, reply)
    case 'truncate':
      return truncate(response, reply)
    case 'ids': {
      const { task_ids: ids } = reply.body['data'] as { task_ids: string[] }
      return sendReply(response, {
        ...reply,
        body: { ...reply.body, data: { task_ids: scripted.change([...ids]) } },
      })
    }
    case 'observe': {
      const data = scripted.change({ ...(reply.body['data'] as Record<string, unknown>) })
      return sendReply(response, { ...reply, body: { ...reply.body, data } })
    }
  }
}

function sendVerbatim(response: ServerResponse, answer: ScriptedAnswer & { kind: 'status' }): void {
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {})
  const bytes = Buffer.from(text)
  response.writeHead(answer.status, {
    'content-type': answer.contentType ?? 'application/json',
    'content-length': bytes.length,
    ...answer.headers,
  })
  response.end(bytes)
}

function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy()
}

function truncate(response: ServerResponse, reply: Reply): void {
  const bytes = Buffer.from(JSON.stringify(reply.body))
  response.writeHead(reply.status, { 'content-type': 'application/json', 'content-length': bytes.length })
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy())
}

const hugeChunkBytes = 64 * 1024

/** Valid JSON if read to the end. A client that disconnects earlier is not an error. */
async function sendHuge(response: ServerResponse, bytes: number): Promise<void> {
  response.writeHead(httpStatus.whole, { 'content-type': 'application/json', 'content-length': bytes })
  await pipeline(hugeBody(bytes), response).catch(() => undefined)
}

function* hugeBody(bytes: number): Generator<Buffer> {
  const head = Buffer.from('{"code":0,"msg":"ok","data":{"filler":"')
  const tail = Buffer.from('"}}')
  const filler = Buffer.alloc(hugeChunkBytes, 'x')
  yield head
  for (let left = bytes - head.length - tail.length; left > 0; left -= filler.length) {
    yield left < filler.length ? filler.subarray(0, left) : filler
  }
  yield tail
}
