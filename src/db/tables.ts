// Every table, declared once: what the gateway must not forget. Ids sort by age, so no index holds a date.
import type { Kit } from './sqlite/columns.ts'
import { defineAccounts } from './tables/accounts.ts'
import { defineClock } from './tables/clock.ts'
import { defineCounters } from './tables/counters.ts'
import { defineLedger } from './tables/ledger.ts'
import { defineMedia } from './tables/media.ts'
import { defineQueue } from './tables/queue.ts'
import { defineRestored } from './tables/restored.ts'
import { defineTasks } from './tables/tasks.ts'
import { defineWebhooks } from './tables/webhooks.ts'

export { creditsMax } from './tables/bounds.ts'
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
  requestStates,
  taskStates,
  taskTypes,
} from './tables/enums.ts'

export function define(kit: Kit) {
  const ofAccounts = defineAccounts(kit)
  const ofTasks = defineTasks(kit, ofAccounts)
  const ofQueue = defineQueue(kit, ofAccounts)
  const ofLedger = defineLedger(kit, ofAccounts)
  const ofWebhooks = defineWebhooks(kit, ofAccounts, ofTasks)
  const ofMedia = defineMedia(kit, ofAccounts, ofTasks)
  return {
    ...ofAccounts,
    ...ofTasks,
    ...ofQueue,
    ...ofLedger,
    ...ofWebhooks,
    ...ofMedia,
    ...defineRestored(kit),
    ...defineClock(kit),
    ...defineCounters(kit),
  }
}

export type Tables = ReturnType<typeof define>
