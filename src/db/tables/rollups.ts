// What reports add up: sums of charges, refunds, ended tasks and costs by quarter of an hour. Triggers maintain them.
import type { Columns } from '../sqlite/columns.ts'

/** Sums, all of which can be added up. Credits are positive; costs are millionths of the operator's currency. */
const sums = (columns: Columns) => ({
  /** Pieces of paid work that `cost` is of, unknown ones included. */
  works: columns.integer('works').notNull(),
  /** Charged tasks, in the quarter of the charge. */
  tasks: columns.integer('tasks').notNull(),
  succeeded: columns.integer('succeeded').notNull(),
  failed: columns.integer('failed').notNull(),
  charged: columns.integer('charged').notNull(),
  refunded: columns.integer('refunded').notNull(),
  cost: columns.integer('cost').notNull(),
  /** Of the works, how many have an unknown cost. */
  costUnknown: columns.integer('cost_unknown').notNull(),
})

const shape = (columns: Columns) => ({
  /** Number of the quarter of an hour since 1970, in UTC. */
  quarter: columns.integer('quarter').notNull(),
  accountId: columns.text('account_id').notNull(),
  /** Empty, like the upstream and the key: of an order that was archived before there were rollups. */
  modelId: columns.text('model_id').notNull(),
  upstream: columns.text('upstream').notNull(),
  keyId: columns.text('key_id').notNull(),
  /** Why work was made and not sold; empty: what was sold. */
  leak: columns.text('leak').notNull(),
  ...sums(columns),
})

export function defineRollups(columns: Columns) {
  const rollups = columns.table('rollups', shape(columns), (table) => [
    columns
      .uniqueIndex('rollups_once')
      .on(table.quarter, table.accountId, table.modelId, table.upstream, table.keyId, table.leak),
    columns.index('rollups_account').on(table.accountId, table.quarter),
  ])

  /** The part of the rollups that is of archived orders: what is left of them, besides their entries. */
  const rollupsArchived = columns.table('rollups_archived', shape(columns), (table) => [
    columns
      .uniqueIndex('rollups_archived_once')
      .on(table.quarter, table.accountId, table.modelId, table.upstream, table.keyId, table.leak),
  ])

  /**
   * Rollups of past days added up by one thing alone, so that a report of a year reads few rows: by quarter of all
   * (`all`), by day and month of each model, account, upstream and key. They count only where a seal says so.
   */
  const rollupTotals = columns.table(
    'rollup_totals',
    {
      span: columns.text('span').notNull(),
      /** The first quarter. */
      start: columns.integer('start').notNull(),
      /** Which column of the rollups `name` is of. */
      dimension: columns.text('dimension').notNull(),
      name: columns.text('name').notNull(),
      leak: columns.text('leak').notNull(),
      ...sums(columns),
    },
    (table) => [
      columns
        .uniqueIndex('rollup_totals_once')
        .on(table.span, table.dimension, table.start, table.name, table.leak),
    ],
  )

  /** Days and months of UTC whose totals are right. A trigger removes the seal when a rollup of the time changes. */
  const rollupSeals = columns.table(
    'rollup_seals',
    {
      span: columns.text('span').notNull(),
      start: columns.integer('start').notNull(),
      /** The first quarter after it. */
      stop: columns.integer('stop').notNull(),
    },
    (table) => [
      columns.uniqueIndex('rollup_seals_once').on(table.span, table.start),
      columns.index('rollup_seals_stop').on(table.stop),
    ],
  )

  /** What a credit sold for and in which currency costs were counted, from a quarter on: no later change of the file moves them. */
  const reportingTerms = columns.table('reporting_terms', {
    since: columns.integer('since').primaryKey(),
    currency: columns.text('currency'),
    /** In millionths. */
    creditValue: columns.integer('credit_value'),
  })

  return { rollups, rollupsArchived, rollupTotals, rollupSeals, reportingTerms }
}
