// The Model Context Protocol: what agents do with the tasks API, as tools.
import type { OptionalSurface } from '../optional.ts'
import { addEndpoint } from './endpoint.ts'
import { refuseStrangePages } from './origins.ts'
import { plainDocs } from '../../wire/docs/plain-docs.ts'
import { mcpFailure, mcpWire } from './wire.ts'

export const mcpSurface: OptionalSurface = {
  name: 'mcp',
  prefixes: ['/mcp'],
  wire: mcpWire,
  docs: plainDocs({ name: 'Mcp', wire: mcpWire, failure: mcpFailure }),
  addRoutes(scope, ctx, means) {
    refuseStrangePages(scope, ctx.config)
    addEndpoint(scope, ctx, means)
  },
}
