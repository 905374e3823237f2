// A site of the tasks API that answers as a test wants, and the adapter that orders from it.
import type { Observation, Order, SubmitOutcome } from '../../../src/upstream/adapter.ts'
import { createOpenApiAdapter } from '../../../src/upstream/openapi/openapi.ts'
import { key, reply, standIn } from '../stand-in.ts'

export const order: Order = {
  operation: 'create',
  params: { model_id: 'gpt-image-2' },
  prompt: 'a heron at dawn',
  imageUrls: ['https://images.example/a.png'],
  endImageUrl: null,
  aspectRatio: '16:9',
  resolution: '2K',
  durationSeconds: null,
  generateAudio: null,
  count: 2,
}

const { signal } = new AbortController()
export const orderKey = 'req_1-2'
export const options = {
  key,
  signal,
  orderKey,
  callbackUrl: 'https://gate.example/callbacks/site/att_1/abcdef',
}

export const adapterFor = (url: string) => createOpenApiAdapter({ baseUrl: url, submitTimeoutMs: 60_000 })

export async function submitAnswered(
  status: number,
  body: unknown,
  sent: Order = order,
): Promise<SubmitOutcome> {
  const { url } = await standIn((response) => reply(response, status, body))
  return await adapterFor(url).submit(sent, options)
}

export async function fetchAnswered(status: number, body: unknown): Promise<Observation> {
  const { url } = await standIn((response) => reply(response, status, body))
  return await adapterFor(url).fetch({ operation: 'create', upstreamTaskId: 'abcdef123456' }, options)
}

/** As tollgate refuses: the type is what counts. */
export const refusal = (type: string, message = 'It is refused.') => ({
  code: 0,
  msg: message,
  data: null,
  error: { type, message, request_id: 'req_0123456789abcdefghijklmnopq' },
})
