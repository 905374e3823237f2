// The shape of OpenAI's API, for its SDKs and for programs that know no other.
import { plainDocs } from '../../wire/docs/plain-docs.ts'
import type { OptionalSurface } from '../optional.ts'
import { addModelRoutes } from './models.ts'
import { openaiFailure, openaiWire } from './wire.ts'

export const openaiSurface: OptionalSurface = {
  name: 'openai',
  prefixes: ['/v1'],
  wire: openaiWire,
  docs: plainDocs({ name: 'OpenAi', wire: openaiWire, failure: openaiFailure }),
  addRoutes(scope, ctx, { routes }) {
    addModelRoutes(scope, ctx, routes)
  },
}
