// Notes in a restored older store which files the replaced store has kept since, to be removed later.
import { sql } from '../../db/drizzle.ts'
import type { Connection, Database } from '../../db/database.ts'
import { knownNames, noteStrays } from './rows.ts'
import type { Stray } from './rows.ts'

const carriedAtOnce = 500

/** Works page by page. Returns how many files were unknown to the copy. */
export async function carryFiles(
  replaced: Connection,
  copy: Pick<Database, 'transaction'>,
  nowMs: number,
): Promise<number> {
  let carried = 0
  for (let after = ''; ;) {
    const rows = await filesAfter(replaced, after)
    carried += await copy.transaction(async (tx) => {
      const known = await knownNames(
        tx,
        rows.map(({ name }) => name),
      )
      const unknown = rows.filter(({ name }) => !known.has(name))
      return await noteStrays(
        tx,
        unknown.map(({ name, store }) => ({ name, store, seenAt: nowMs })),
      )
    })
    const last = rows.at(-1)
    if (!last || rows.length < carriedAtOnce) return carried
    after = last.name
  }
}

/** Empty if the store's version did not keep files, or if it is too damaged to read. */
async function filesAfter(replaced: Connection, after: string): Promise<Pick<Stray, 'name' | 'store'>[]> {
  try {
    const more = (await replaced.hasTable('uploads'))
      ? sql`UNION ALL SELECT name, 'disk' AS store FROM uploads WHERE name > ${after}`
      : sql``
    return await replaced.rows(
      sql`SELECT name, store FROM media WHERE name > ${after} ${more} ORDER BY name LIMIT ${carriedAtOnce}`,
    )
  } catch {
    return []
  }
}
