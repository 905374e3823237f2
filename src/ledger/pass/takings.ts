// Audit checks of reports: what they hold of an account is what its entries say, and their totals are those of their rollups.
import { sql } from '../../db/drizzle.ts'
import type { Connection } from '../../db/database.ts'
import type { RowCheck } from '../checks.ts'
import { isBroken } from '../reports/seals.ts'
import type { Findings } from './findings.ts'

interface Takings {
  charged: number
  refunded: number
}

interface AccountRange {
  readonly after: string
  readonly until: string
}

/** Adds up charges and refunds, as balances are added up: an entry never changes. */
export function createTakings() {
  const sums = new Map<string, Takings>()
  return {
    add(account: string, amount: number): void {
      const takings = sums.get(account) ?? { charged: 0, refunded: 0 }
      sums.set(account, takings)
      if (amount < 0) takings.charged -= amount
      else takings.refunded += amount
    },
    /** In the state in which the last entries were added up. */
    async compare(read: Connection, range: AccountRange, findings: Findings): Promise<void> {
      const reported = new Map((await takingsIn(read, range)).map((row) => [row.account_id, row]))
      const expected = [...sums].filter(([account]) => account > range.after && account <= range.until)
      const accounts = new Set([...reported.keys(), ...expected.map(([account]) => account)])
      for (const account of accounts) {
        const [is, should] = [words(reported.get(account)), words(sums.get(account))]
        if (is === should) continue
        const check = 'reports hold the charges and refunds of an account'
        findings.add({ check, id: account, expected: should, found: is })
      }
    },
  }
}

const words = (takings: Takings | undefined): string =>
  `charged ${takings?.charged ?? 0}, refunded ${takings?.refunded ?? 0}`

const takingsIn = async (read: Connection, { after, until }: AccountRange) =>
  await read.rows<Takings & { readonly account_id: string }>(
    sql`SELECT account_id, sum(charged) AS charged, sum(refunded) AS refunded FROM ${read.tables.rollups}
      WHERE account_id > ${after} AND account_id <= ${until} GROUP BY account_id`,
  )

export const sealChecks = (read: Connection): RowCheck[] => [
  {
    check: 'the totals of a past day or month are those of its rollups',
    query: (slice) =>
      sql`SELECT c.span || ' ' || c.start AS id, 'equal' AS expected, 'not equal' AS found FROM ${read.tables.rollupSeals} c
        WHERE ${slice} AND ${isBroken(read)}`,
  },
]
