// What the server was asked for each item of a benchmark, statement by statement, from `pg_stat_statements`.
import { askAt } from './server.ts'
import type { Server } from './server.ts'

const shownMax = 40
const wordsMax = 150

/** Of all that the server has done so far; the dearest first. */
export async function reportStatements(server: Server, items: number): Promise<void> {
  await askAt(server.urlOf('postgres'), async (client) => {
    await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements')
    const { rows } = await client.query<{ calls: string; rows: string; ms: number; query: string }>(
      'SELECT calls, rows, total_exec_time + total_plan_time AS ms, query FROM pg_stat_statements ORDER BY ms DESC',
    )
    const each = (count: number) => (count / items).toFixed(3).padStart(8)
    const all = rows.reduce((sum, { calls }) => sum + Number(calls), 0)
    process.stdout.write(`statements each ${each(all)}\n`)
    for (const { calls, rows: found, ms, query } of rows.slice(0, shownMax)) {
      const words = query.replaceAll(/\s+/g, ' ').slice(0, wordsMax)
      const us = each(ms * 1_000)
      process.stdout.write(`${each(Number(calls))} calls ${each(Number(found))} rows ${us} us  ${words}\n`)
    }
  })
}
