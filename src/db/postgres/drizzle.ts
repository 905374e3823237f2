// Loads what of Drizzle only PostgreSQL needs as CommonJS, which starts much faster than as ES modules.
import { createRequire } from 'node:module'

/** See `db/drizzle.ts`: an audit in a thread would take three times as long to begin. */
const load = createRequire(import.meta.url)

export const pgCore = load('drizzle-orm/pg-core') as typeof import('drizzle-orm/pg-core')
export const { NodePgSession } = load(
  'drizzle-orm/node-postgres',
) as typeof import('drizzle-orm/node-postgres')
