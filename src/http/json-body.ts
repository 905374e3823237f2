// Reads the bodies of requests: JSON in UTF-8 and, where nothing is asked for, nothing.
import { isUtf8 } from 'node:buffer'
import { errorCodes } from 'fastify'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** False: an empty body is as good as none, whatever its Content-Type says. */
    takesBody?: boolean
  }
}

/** A create is a thousand characters and a few URLs. */
export const jsonBytesMax = 64 * 1024
/** How a picture begins that stands in a body; where bodies may be large, only those with one are. */
const inlineMark = '"data:'

/** Any other Content-Type is refused: the framework's parser for text would let a wrong one by. */
export function readJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer
    if (bytes.length === 0 && request.routeOptions.config.takesBody === false) return done(null)
    if (bytes.length > jsonBytesMax && !bytes.includes(inlineMark)) {
      return done(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE())
    }
    // Decoded leniently, a prompt in another encoding would be charged and drawn as replacement characters.
    if (!isUtf8(bytes)) return done(new SyntaxError('the body is not UTF-8'))
    return parse(request, bytes.toString('utf8'), done)
  })
}
