// The surfaces of the API by path prefix: who calls each, in which wire format it answers, and how that is documented.
import type { Config } from '../../config/config.ts'
import { operatorDocs } from '../admin/documented.ts'
import { operatorWire } from '../admin/wire.ts'
import { customersWire, operatorsWire, sessionWire } from '../console/wire.ts'
import { clientDocs } from '../v1/documented.ts'
import { clientWire } from '../v1/wire.ts'
import type { Surface } from '../wire/wire.ts'
import { keevxSurface } from './keevx/surface.ts'
import { kieSurface } from './kie/surface.ts'
import { mcpSurface } from './mcp/surface.ts'
import { openaiSurface } from './openai/surface.ts'
import type { OptionalSurface } from './optional.ts'
import { replicateSurface } from './replicate/surface.ts'

/** The APIs of other makers that are switched on. */
export const optionalSurfaces = ({ surfaces }: Config): OptionalSurface[] =>
  [openaiSurface, mcpSurface, replicateSurface, kieSurface, keevxSurface].filter(({ name }) =>
    Boolean(surfaces[name]),
  )

const sessionPaths = ['/console/session', '/console/sessions', '/console/password']

/** The first match counts. */
export const surfacesOf = (config: Config): Surface[] => [
  { prefix: '/admin', callers: 'operators', wire: operatorWire, docs: operatorDocs },
  ...optionalSurfaces(config).flatMap(({ prefixes, wire, docs }) =>
    prefixes.map((prefix): Surface => ({ prefix, callers: 'customers', wire, docs })),
  ),
  { prefix: '/api', callers: 'customers', wire: clientWire, docs: clientDocs },
  { prefix: '/console/api', callers: 'sessions', wire: customersWire },
  { prefix: '/console/admin', callers: 'sessions', wire: operatorsWire },
  ...sessionPaths.map((prefix): Surface => ({ prefix, callers: 'sessions', wire: sessionWire })),
  { prefix: '', callers: 'anyone', wire: clientWire },
]
