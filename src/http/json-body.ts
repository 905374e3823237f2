// Reads the bodies of requests: JSON in UTF-8 and, where nothing is asked for, nothing.
import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** False: an empty body is as good as none, whatever its Content-Type says. */
    takesBody?: boolean
  }
}

/** Any other Content-Type is refused: the framework's parser for text would let a wrong one by. */
export function readJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer
    if (bytes.length === 0 && request.routeOptions.config.takesBody === false) return done(null)
    // Decoded leniently, a prompt in another encoding would be charged and drawn as replacement characters.
    if (!isUtf8(bytes)) return done(new SyntaxError('the body is not UTF-8'))
    return parse(request, bytes.toString('utf8'), done)
  })
}
