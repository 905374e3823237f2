// Reads the bodies of requests: JSON in UTF-8 and, where nothing is asked for, nothing.
import { isUtf8 } from 'node:buffer'
import { errorCodes } from 'fastify'
import type { FastifyInstance } from 'fastify'
import { withoutPictures } from './pictures.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** False: an empty body is as good as none, whatever its Content-Type says. */
    takesBody?: boolean
  }
}

/** A create is a thousand characters and a few URLs. */
export const jsonBytesMax = 64 * 1024

/** Any other Content-Type is refused: the framework's parser for text would let a wrong one by. */
export function readJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer
    if (bytes.length === 0 && request.routeOptions.config.takesBody === false) return done(null)
    // Decoded leniently, a prompt in another encoding would be charged and drawn as replacement characters.
    if (!isUtf8(bytes)) return done(new SyntaxError('the body is not UTF-8'))
    if (bytes.length <= jsonBytesMax) return parse(request, bytes.toString('utf8'), done)
    // Where bodies may be large, it is pictures that make them so.
    const { rest, restore } = withoutPictures(bytes)
    if (rest.length > jsonBytesMax) return done(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE())
    return parse(request, rest.toString('utf8'), (error, parsed) => done(error, restore(parsed)))
  })
}
