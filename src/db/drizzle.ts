// Loads Drizzle as CommonJS, which starts much faster than as ES modules.
import { createRequire } from 'node:module'

/**
 * As CommonJS: for each ES module file of Drizzle, Node reads its whole package.json with a very long list of
 * entries, which took half of a command's startup time.
 */
const load = createRequire(import.meta.url)

export const {
  Column,
  Param,
  Placeholder,
  SQL,
  and,
  asc,
  count,
  desc,
  eq,
  exists,
  getTableColumns,
  gt,
  gte,
  inArray,
  is,
  isNotNull,
  isNull,
  like,
  lt,
  lte,
  ne,
  not,
  notInArray,
  or,
  sql,
} = load('drizzle-orm') as typeof import('drizzle-orm')
export const { drizzle } = load('drizzle-orm/better-sqlite3') as typeof import('drizzle-orm/better-sqlite3')
export const { readMigrationFiles } = load('drizzle-orm/migrator') as typeof import('drizzle-orm/migrator')
export const sqlite = load('drizzle-orm/sqlite-core') as typeof import('drizzle-orm/sqlite-core')
