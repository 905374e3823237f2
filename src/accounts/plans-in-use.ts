// Plans that accounts are on although tollgate.yaml does not name them.
import { count, isNotNull } from '../db/drizzle.ts'
import type { Config } from '../config/config.ts'
import type { Connection } from '../db/database.ts'

/** In words for the operator, a line for each. */
export async function plansGone(read: Connection, { plans }: Pick<Config, 'plans'>): Promise<string[]> {
  const { accounts } = read.tables
  const used = await read
    .select({ plan: accounts.plan, accounts: count() })
    .from(accounts)
    .where(isNotNull(accounts.plan))
    .groupBy(accounts.plan)
  return used
    .filter(({ plan }) => plan !== null && !Object.hasOwn(plans, plan))
    .map(({ plan, accounts: on }) => {
      const who = on === 1 ? '1 account is' : `${on} accounts are`
      return `plans: ${who} on "${plan}", which the file does not name: their orders would be refused, since their prices are not known. Put it back, or move them first: tollgate accounts limit ACCOUNT --plan off`
    })
}
