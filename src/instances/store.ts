// The rows of instances: each says that it works, and one that no longer does is removed.
import { and, asc, eq, sql } from '../db/drizzle.ts'
import { statement } from '../db/statement.ts'
import type { Tables } from '../db/tables.ts'

export type InstanceRow = Tables['instances']['$inferSelect']

/** Those that began first come first, so that every instance counts them alike. */
export const allInstances = statement<InstanceRow>('instances_all', (read) => {
  const { instances } = read.tables
  return read.select().from(instances).orderBy(asc(instances.startedAt), asc(instances.id))
})

/** No row: it was not there, or was removed. */
export const beatOf = statement<{ id: string }>('instance_beat', (tx) => {
  const { instances } = tx.tables
  return tx
    .update(instances)
    .set({ beatAt: sql`${sql.placeholder('nowMs')}` })
    .where(eq(instances.id, sql.placeholder('id')))
    .returning({ id: instances.id })
})

export const instanceInsert = statement('instance_insert', (tx) =>
  tx.insert(tx.tables.instances).values({
    id: sql.placeholder('id'),
    name: sql.placeholder('name'),
    startedAt: sql.placeholder('startedAt'),
    beatAt: sql.placeholder('nowMs'),
  }),
)

/** Not if it has said meanwhile that it works. */
export const removeSilent = statement<{ id: string }>('instance_remove_silent', (tx) => {
  const { instances } = tx.tables
  return tx
    .delete(instances)
    .where(and(eq(instances.id, sql.placeholder('id')), eq(instances.beatAt, sql.placeholder('beatAt'))))
    .returning({ id: instances.id })
})

export const removeInstance = statement('instance_remove', (tx) =>
  tx.delete(tx.tables.instances).where(eq(tx.tables.instances.id, sql.placeholder('id'))),
)
