// Parses request bodies: JSON in UTF-8, or an empty body for routes that take none.
import { isUtf8 } from 'node:buffer'
import { errorCodes } from 'fastify'
import type { FastifyInstance, RequestPayload } from 'fastify'
import { notUtf8 } from '../wire/refusals.ts'
import { BrokeOff } from './turn.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** False: an empty body counts as no body, whatever its Content-Type. */
    takesBody?: boolean
  }
}

/** A create is a thousand characters and a few URLs. */
export const jsonBytesMax = 64 * 1024

type Done = (error: Error | null, body?: unknown) => void

/** Any other Content-Type is refused: the framework's text parser would accept a wrong one. */
export function readJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', (request, payload, done: Done) => {
    const { pictures, takesBody } = request.routeOptions.config
    const parseAll = (bytes: Buffer, parsed: Done): void => {
      if (bytes.length === 0 && takesBody === false) return parsed(null)
      // With lenient decoding, a prompt in another encoding would be charged and drawn as replacement signs.
      if (!isUtf8(bytes)) return parsed(notUtf8())
      void parse(request, bytes.toString('utf8'), parsed)
    }
    const { 'content-length': told } = request.headers
    const length = told === undefined ? null : Number(told)
    const readLarge = (begun: Buffer): void => {
      if (!pictures || (length ?? 0) > pictures.bytesMax) {
        return done(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE())
      }
      const source = { payload, begun, bytesTold: length }
      const parsed = async (rest: Buffer) =>
        await new Promise((resolve, reject) =>
          parseAll(rest, (error, body) => (error ? reject(error) : resolve(body))),
        )
      pictures.read(request, source, parsed).then((body) => done(null, body), done)
    }
    if (length !== null && length > jsonBytesMax) return readLarge(nothing)
    collect(payload, (error, bytes, isWhole) => {
      if (error) return done(error)
      if (!isWhole) return readLarge(bytes)
      parseAll(bytes, done)
    })
  })
}

const nothing: Buffer = Buffer.alloc(0)

type Collected = (error: Error | null, bytes: Buffer, isWhole: boolean) => void

/** Collects up to `jsonBytesMax` bytes. With more, `isWhole` is false and the rest is still unread. */
function collect(payload: RequestPayload, done: Collected): void {
  let bytes: Buffer = nothing
  let length = 0
  const finish = (error: Error | null, isWhole: boolean): void => {
    payload.off('data', onData).off('end', onEnd).off('error', onError)
    done(error, bytes.subarray(0, length), isWhole)
  }
  const onData = (piece: Buffer): void => {
    if (length === 0) bytes = piece
    else {
      // One doubling buffer: a client may send byte by byte, and each piece's overhead exceeds its content.
      if (length + piece.length > bytes.length) bytes = grown(bytes.subarray(0, length), piece.length)
      piece.copy(bytes, length)
    }
    length += piece.length
    if (length <= jsonBytesMax) return
    payload.pause()
    finish(null, false)
  }
  const onEnd = (): void => finish(null, true)
  const onError = (error: Error): void => finish(new BrokeOff('the body broke off', { cause: error }), false)
  payload.on('data', onData).on('end', onEnd).on('error', onError)
}

function grown(bytes: Buffer, more: number): Buffer {
  const room = Buffer.allocUnsafeSlow(2 * (bytes.length + more))
  bytes.copy(room)
  return room
}
