// Refuses a configuration that would leave paid work behind, and tells the operator why.
import { plansGone } from '../../accounts/plans-in-use.ts'
import type { Config } from '../../config/config.ts'
import { ConfigError } from '../../config/problems.ts'
import type { Connection } from '../../db/database.ts'
import { unreachableTasks } from './find.ts'
import type { Unreachable } from './find.ts'

/** Throws ConfigError with a line for each upstream and key that is gone while tasks need it, and each plan of accounts. */
export async function requireReach(read: Connection, config: Config): Promise<void> {
  refuseUnreachable(await unreachableTasks(read, config))
  refusePlansGone(await plansGone(read, config))
}

/** For a reload while the gateway serves: only what the file removes from the configuration in force. */
export async function requireReachAfter(read: Connection, next: Config, inForce: Config): Promise<void> {
  const before = (await unreachableTasks(read, inForce)).map(nameOf)
  refuseUnreachable((await unreachableTasks(read, next)).filter((each) => !before.includes(nameOf(each))))
  refusePlansGone(await plansGone(read, next))
}

function refusePlansGone(words: readonly string[]): void {
  if (words.length > 0) throw new ConfigError([...words, orphanOfPlans])
}

const orphanOfPlans = 'To go on all the same, add --orphan: orders of these accounts are refused until then.'

/** Throws ConfigError if there are any. */
function refuseUnreachable(found: readonly Unreachable[]): void {
  if (found.length > 0) throw new ConfigError([...found.map(wordsFor), orphanWords])
}

const nameOf = ({ upstream, why, keys }: Unreachable): string => JSON.stringify([upstream, why, keys])

/** For the log of a start that gives them up, and for `doctor`. */
export function wordsFor({ upstream, keys, why, tasks }: Unreachable): string {
  const key = keys.length === 0 ? 'no key yet' : `key ${keys.join(', ')}`
  const open = tasks === 1 ? '1 open task names' : `${tasks} open tasks name`
  return `${open} upstream ${upstream} (${key}), which is not configured: ${reasonFor[why]}`
}

const reasonFor: Readonly<Record<Unreachable['why'], string>> = {
  upstream:
    'what was made for them would be paid for and lost. Put it back, or name it in `aliases:` of the upstream that took its place.',
  key: 'this key is gone, and another account does not know their work. Keep the key as `polls_only` (KEEVX_API_KEY_POLLS_ONLY) until they have ended.',
  place:
    'this key is there, but its upstream had another base URL when they were ordered. Put the base URL back until they have ended.',
}

const orphanWords =
  'To go on all the same, add --orphan: whatever cannot be asked for is given back to its customers, and recorded as an orphan with its price.'
