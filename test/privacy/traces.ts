// Where a store still holds one of some words: each table is read whole.
import type { Connection } from '../../src/db/database.ts'

/** The names of the tables, with the rows. */
export async function traces(read: Connection, words: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const [name, table] of Object.entries(read.tables)) {
    const rows = await read.select().from(table as never)
    for (const row of rows) {
      const text = JSON.stringify(row)
      if (words.some((word) => text.includes(word))) found.push(`${name}: ${text}`)
    }
  }
  return found
}
