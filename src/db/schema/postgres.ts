// The tables as drizzle-kit reads them for PostgreSQL.
import { postgresKit } from '../postgres/columns.ts'
import { define } from '../tables.ts'

export const {
  accounts,
  keys,
  rights,
  requests,
  attempts,
  tasks,
  queues,
  queueFlows,
  entries,
  closings,
  orphans,
  idempotency,
  earlyCallbacks,
  webhookEndpoints,
  webhookSecrets,
  webhookDeliveries,
  webhookQueues,
  webhookLanes,
  webhookBacklog,
  webhookChoices,
  keeps,
  media,
  uploads,
  forgottenAttempts,
  forgottenWorks,
  strays,
  clock,
  counters,
} = define(postgresKit)
