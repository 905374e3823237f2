// Performs one HTTP call and returns its outcome as a value; a network failure never throws.
import { Readable } from 'node:stream'
import { Agent } from 'undici'
import { decodeBody } from './encoding.ts'
import type { Call, CallResult, Client } from './call.ts'
import { connectAndSend } from './single-use.ts'
import { bodyBytesMax, textOf, WatchedCall } from './watched-call.ts'
import type { RawResult } from './watched-call.ts'

/**
 * Above any sensible number of concurrent calls: callers have limits of their own, this one only contains a
 * bug.
 */
const connectionsMax = 256

/**
 * If `reuse` is false every call has its own connection: on a reused one, which the other side may just be
 * closing, it would be unknown whether the request arrived.
 */
export function createClient(options: { reuse: boolean; connectTimeoutMs: number }): Client {
  return options.reuse ? createKept(options) : createSingleUse(options)
}

function createKept({ connectTimeoutMs }: { connectTimeoutMs: number }): Client {
  const agent = new Agent({
    allowH2: false,
    pipelining: 1,
    connections: connectionsMax,
    connectTimeout: connectTimeoutMs,
    // The call's own deadline is exact and covers both; undici's timers are coarse.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const send: Send = (call, watched) => {
    const { origin, pathname, search } = new URL(call.url)
    const { method, headers, body } = call
    agent.dispatch({ origin, path: pathname + search, method, headers, body }, watched)
  }
  return {
    call: (call) => perform(call, send),
    close: () => agent.close(),
  }
}

function createSingleUse({ connectTimeoutMs }: { connectTimeoutMs: number }): Client {
  const underWay = new Set<Promise<CallResult>>()
  let isClosed = false
  const send: Send = (call, watched) => connectAndSend({ ...call, connectTimeoutMs }, watched)
  return {
    async call(call) {
      if (isClosed) return notBegun(call)
      const result = perform(call, send)
      underWay.add(result)
      try {
        return await result
      } finally {
        underWay.delete(result)
      }
    },
    async close() {
      isClosed = true
      await Promise.all(underWay)
    },
  }
}

/** Begins to send the request; whatever becomes of it is told to `watched`. */
type Send = (call: Call, watched: WatchedCall) => void

async function perform(call: Call, send: Send): Promise<CallResult> {
  if (call.signal.aborted) return notBegun(call)
  const watched = new WatchedCall()
  const timer = setTimeout(
    () => watched.giveUpUnlessRead('timed_out', `no answer in ${call.timeoutMs} ms`),
    call.timeoutMs,
  )
  const onAbort = () => watched.giveUp('aborted', 'given up by us')
  call.signal.addEventListener('abort', onAbort, { once: true })
  send({ ...call, headers: { ...call.headers, 'accept-encoding': 'identity' } }, watched)
  try {
    return await decoded(await watched.result)
  } finally {
    clearTimeout(timer)
    call.signal.removeEventListener('abort', onAbort)
    if (call.body instanceof Readable) call.body.destroy()
  }
}

function notBegun({ body }: Call): CallResult {
  if (body instanceof Readable) body.destroy()
  return { kind: 'not_connected', detail: 'given up before it began' }
}

async function decoded(result: RawResult): Promise<CallResult> {
  if (result.kind !== 'answer') return result
  const { status, headers, bytes } = result
  const body = await decodeBody(bytes, headers['content-encoding'], bodyBytesMax)
  if ('refusal' in body) return { kind: 'unreadable', head: { status, headers }, detail: body.refusal }
  return { kind: 'answer', status, headers, body: textOf(body.bytes) }
}
