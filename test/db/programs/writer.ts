// A store that is served, with a log that is copied into it again and again. Says which works are acknowledged.
import { openSqlite } from '../../../src/db/sqlite/sqlite.ts'

const [file = '', pages = ''] = process.argv.slice(2)
const writersMax = 8

const db = openSqlite({ file, served: true, log: { pages: Number(pages) }, onFatal: () => process.exit(1) })

async function write(name: string): Promise<never> {
  for (let at = 0; ; at += 1) {
    const id = `${name}_${at}`
    await db.transaction(async (tx) => {
      const account = { id, name: 'x'.repeat(1_000), status: 'active' as const, createdAt: 1 }
      await tx.insert(tx.tables.accounts).values({ ...account, balance: 0, tasksOpen: 0 })
    })
    process.stdout.write(`${id}\n`)
  }
}

await Promise.all(Array.from({ length: writersMax }, (_, at) => write(`acc${at}`)))
