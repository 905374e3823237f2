// Lets bodies be large where they bear pictures, a few at a time; whatever else is large is refused as everywhere.
import type { IncomingMessage } from 'node:http'
import { errorCodes } from 'fastify'
import type { preParsingHookHandler, preValidationHookHandler, RequestPayload } from 'fastify'
import { GatewayError } from '../errors.ts'
import { inlineImages } from '../media/inline.ts'
import { jsonBytesMax } from './json-body.ts'

/** One picture of 20 MB in base64, and the rest of an order. */
const largeBytesMax = 28 * 1024 * 1024
/** Such bodies are held in memory while they are read; more than these wait for none, they are told to come back. */
const largeMax = 8

export interface LargeBodies {
  readonly bodyLimit: number
  readonly preParsing: preParsingHookHandler
  readonly preValidation: preValidationHookHandler
}

/** The hooks of a route. A body whose length is not told beforehand may not be large. */
export function largeBodies(): LargeBodies {
  let underWay = 0
  return {
    bodyLimit: largeBytesMax,
    preParsing(request, reply, payload, done) {
      const { 'content-length': told } = request.headers
      if (told === undefined) return done(null, notLarge(payload))
      const length = Number(told)
      if (length <= jsonBytesMax || length > largeBytesMax) return done(null, payload)
      if (underWay >= largeMax) return done(tooManyAtOnce())
      underWay += 1
      reply.raw.once('close', () => (underWay -= 1))
      return done(null, payload)
    },
    preValidation(request, _reply, done) {
      const length = Number(request.headers['content-length'] ?? 0)
      if (length <= jsonBytesMax) return done()
      const pictures = inlineImages(request.body).reduce((sum, { uri }) => sum + uri.length, 0)
      return done(length - pictures <= jsonBytesMax ? undefined : new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE())
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

const retryAfterMs = 3_000

const tooManyAtOnce = () =>
  new GatewayError(
    'rate_limited',
    {
      en: 'Too many orders with pictures in their bodies are under way at the moment. Nothing was charged. Try again in a few seconds, or upload the pictures to /api/v1/files first.',
      zh: '当前请求体中带图片的订单过多。未扣除任何积分。请稍后重试,或先将图片上传到 /api/v1/files。',
    },
    { retryAfterMs },
  )
