// The shape of OpenAI's API, for its SDKs and for programs that know no other.
import type { OptionalSurface } from '../optional.ts'
import { addModelRoutes } from './models.ts'
import { openaiWire } from './wire.ts'

export const openaiSurface: OptionalSurface = {
  name: 'openai',
  prefixes: ['/v1'],
  wire: openaiWire,
  addRoutes(scope, ctx, { routes }) {
    addModelRoutes(scope, ctx, routes)
  },
}
