// The surfaces of the API by path prefix: who calls each, and in which wire format it answers.
import { operatorWire } from './admin/wire.ts'
import { clientWire } from './v1/wire.ts'
import type { Surface } from './wire/wire.ts'

/** The first match counts, so a new surface stands before the last. */
export const surfaces: readonly Surface[] = [
  { prefix: '/admin/', callers: 'operators', wire: operatorWire },
  { prefix: '/api/', callers: 'customers', wire: clientWire },
  { prefix: '/', callers: 'anyone', wire: clientWire },
]
