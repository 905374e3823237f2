// The surfaces of the API by path prefix: who calls each, in which wire format it answers, and how that is documented.
import { operatorDocs } from './admin/documented.ts'
import { operatorWire } from './admin/wire.ts'
import { clientDocs } from './v1/documented.ts'
import { clientWire } from './v1/wire.ts'
import type { Surface } from './wire/wire.ts'

/** The first match counts, so a new surface stands before the last. */
export const surfaces: readonly Surface[] = [
  { prefix: '/admin/', callers: 'operators', wire: operatorWire, docs: operatorDocs },
  { prefix: '/api/', callers: 'customers', wire: clientWire, docs: clientDocs },
  { prefix: '/', callers: 'anyone', wire: clientWire },
]
