// Lets bodies be large where they bear pictures, a few at a time; whatever else is large is refused as everywhere.
import type { IncomingMessage } from 'node:http'
import type { preParsingHookHandler, RequestPayload } from 'fastify'
import { createGate } from '../media/gate.ts'
import { tooManyAtOnce } from '../media/inline.ts'
import { callerOf } from './auth.ts'
import { jsonBytesMax } from './json-body.ts'

/** One picture of 20 MB in base64, and the rest of an order. */
const largeBytesMax = 28 * 1024 * 1024
/** Such bodies are held in memory while they are read; more than these wait for none, they are told to come back. */
const largeMax = 8
const largeOfAccountMax = 2

export interface LargeBodies {
  readonly bodyLimit: number
  readonly preParsing: preParsingHookHandler
}

/** The hook of a route. A body whose length is not told beforehand may not be large. */
export function largeBodies(): LargeBodies {
  const gate = createGate({ max: largeMax, ofAccountMax: largeOfAccountMax })
  return {
    bodyLimit: largeBytesMax,
    preParsing(request, reply, payload, done) {
      const { 'content-length': told } = request.headers
      if (told === undefined) return done(null, notLarge(payload))
      const length = Number(told)
      if (length <= jsonBytesMax || length > largeBytesMax) return done(null, payload)
      const leave = gate.enter(callerOf(request).accountId)
      if (!leave) return done(tooManyAtOnce())
      reply.raw.once('close', leave)
      return done(null, payload)
    },
  }
}

/** The framework looks at this beside what it has read, and refuses by it. */
function notLarge(payload: RequestPayload): RequestPayload {
  let received = 0
  payload.on('data', (chunk: Buffer) => (received += chunk.length))
  return Object.defineProperty(payload as IncomingMessage, 'receivedEncodedLength', {
    get: () => (received > jsonBytesMax ? Infinity : 0),
  })
}
