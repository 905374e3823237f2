// Declares every table, once for all dialects. Ids sort by age, so indexes need no date.
import type { Columns } from './sqlite/columns.ts'
import { defineAccounts } from './tables/accounts.ts'
import { defineAlerts } from './tables/alerts.ts'
import { defineClock } from './tables/gateway/clock.ts'
import { defineCopies } from './tables/gateway/copies.ts'
import { defineCounters } from './tables/gateway/counters.ts'
import { defineInstances } from './tables/gateway/instances.ts'
import { defineCodes, defineLedger } from './tables/ledger.ts'
import { defineMedia } from './tables/media.ts'
import { definePolls } from './tables/polls.ts'
import { definePrivacy } from './tables/privacy.ts'
import { defineQueue } from './tables/queue.ts'
import { defineRepeats } from './tables/repeats.ts'
import { defineRestored } from './tables/gateway/restored.ts'
import { defineRollups } from './tables/rollups.ts'
import { defineSessions } from './tables/sessions.ts'
import { defineTasks } from './tables/tasks.ts'
import { defineWebhooks } from './tables/webhooks.ts'

export { creditsMax, currencyCode, decimalAmount, quarterMs } from './tables/bounds.ts'
export { closingEntries } from './tables/ledger.ts'
export {
  accountStatuses,
  attemptStates,
  deliveryStates,
  endedStates,
  entryKinds,
  eventTypes,
  mediaStates,
  openStates,
  orphanReasons,
  reconcileDecisions,
  requestStates,
  sessionOpeners,
  taskStates,
  taskTypes,
} from './tables/enums.ts'

export function define(columns: Columns) {
  const ofAccounts = defineAccounts(columns)
  const ofTasks = defineTasks(columns, ofAccounts)
  const ofQueue = defineQueue(columns, ofAccounts)
  const ofLedger = defineLedger(columns, ofAccounts)
  const ofWebhooks = defineWebhooks(columns, ofAccounts, ofTasks)
  const ofMedia = defineMedia(columns, ofAccounts, ofTasks)
  return {
    ...ofAccounts,
    ...ofTasks,
    ...defineRepeats(columns, ofAccounts, ofTasks),
    ...definePolls(columns),
    ...ofQueue,
    ...ofLedger,
    ...defineCodes(columns, ofAccounts),
    ...ofWebhooks,
    ...ofMedia,
    ...defineRestored(columns),
    ...defineClock(columns),
    ...defineCounters(columns),
    ...defineRollups(columns),
    ...defineInstances(columns, ofAccounts),
    ...defineAlerts(columns),
    ...defineCopies(columns),
    ...definePrivacy(columns),
    ...defineSessions(columns, ofAccounts),
  }
}

export type Tables = ReturnType<typeof define>
