// SQLite takes a text for an integer unless a table is STRICT, and drizzle-kit cannot write that.

/** Every CREATE TABLE of a migration, made STRICT; one that is so already stays as it is. */
export function madeStrict(sql: string): string {
  return sql.replaceAll(/^CREATE TABLE [\s\S]*?^\)(?=;)/gm, (table) => `${table} STRICT`)
}
