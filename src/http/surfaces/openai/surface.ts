// The shape of OpenAI's API, for its SDKs and for programs that know no other.
import { plainDocs } from '../../wire/docs/plain-docs.ts'
import type { OptionalSurface } from '../optional.ts'
import { acceptForms } from './form.ts'
import { addImageRoutes } from './images/routes.ts'
import { addModelRoutes } from './models.ts'
import { createOrders } from '../orders/place.ts'
import { addVideoRoutes } from './videos/routes.ts'
import { openaiFailure, openaiWire } from './wire.ts'

export const openaiSurface: OptionalSurface = {
  name: 'openai',
  prefixes: ['/v1'],
  wire: openaiWire,
  docs: plainDocs({ name: 'OpenAi', wire: openaiWire, failure: openaiFailure }),
  addRoutes(scope, ctx, means) {
    const { waitForMs = 0 } = ctx.config.surfaces.openai ?? {}
    acceptForms(scope)
    const orders = createOrders(scope, ctx)
    addModelRoutes(scope, ctx, means.routes)
    addImageRoutes(scope, ctx, { ...means, orders, waitForMs })
    addVideoRoutes(scope, ctx, { ...means, orders })
  },
}
