// Keevx's own API, as its pages describe it: its skills run with the host replaced, a tollgate can order from it.
import { plainDocs } from '../../wire/docs/plain-docs.ts'
import type { OptionalSurface } from '../optional.ts'
import { addOrderRoutes } from './orders.ts'
import { addUploadRoute } from './upload.ts'
import { keevxFailure, keevxWire } from './wire.ts'

export const keevxSurface: OptionalSurface = {
  name: 'keevx',
  prefixes: ['/keevx'],
  wire: keevxWire,
  docs: plainDocs({ name: 'Keevx', wire: keevxWire, failure: keevxFailure }),
  async addRoutes(scope, ctx, means) {
    addOrderRoutes(scope, ctx, means)
    // In a scope of its own: forms are read nowhere else.
    await scope.register((files, _options, done) => {
      addUploadRoute(files, means)
      done()
    })
  },
}
