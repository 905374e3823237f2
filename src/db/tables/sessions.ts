// Sessions of the console, the links that open one, and what an account signs in with besides its keys.
import { sql } from '../drizzle.ts'
import type { Columns } from '../sqlite/columns.ts'
import type { AccountTables } from './accounts.ts'
import { oneOf, sessionOpeners } from './enums.ts'

export function defineSessions(columns: Columns, { accounts }: AccountTables) {
  const sessions = columns.table(
    'sessions',
    {
      /** SHA-256 of the token, which only the cookie has. */
      hash: columns.text('hash').primaryKey(),
      /** Whose it is; null: an operator's. */
      accountId: columns.text('account_id').references(() => accounts.id),
      /** The key that it acts as; null: an operator's. */
      keyId: columns.text('key_id'),
      /** The name of the operator; null: a customer's. */
      operator: columns.text('operator'),
      /** SHA-256 of the session's token and the hash of the operator's: it ends when that is another one. */
      operatorProof: columns.text('operator_proof'),
      openedBy: columns.choice('opened_by', sessionOpeners).notNull(),
      createdAt: columns.integer('created_at').notNull(),
      /** When it ends if it is not used; each use moves it, up to `expiresAt`. */
      endsAt: columns.integer('ends_at').notNull(),
      expiresAt: columns.integer('expires_at').notNull(),
      /** The key that opened it, readable with the session's token alone; null: something else did, or a version before. */
      sealedKey: columns.text('sealed_key'),
    },
    (table) => [
      columns.check('sessions_opened_by', oneOf(table.openedBy, sessionOpeners)),
      columns.check(
        'sessions_of_one',
        sql`(${table.accountId} IS NULL) = (${table.keyId} IS NULL) AND (${table.accountId} IS NULL) <> (${table.operator} IS NULL)
          AND (${table.operator} IS NULL) = (${table.operatorProof} IS NULL)`,
      ),
      columns.index('sessions_account').on(table.accountId, table.createdAt),
      columns.index('sessions_operator').on(table.operator, table.createdAt),
      columns.index('sessions_end').on(table.endsAt),
    ],
  )

  /** Each opens one session: using it deletes it. */
  const signInLinks = columns.table(
    'sign_in_links',
    {
      /** SHA-256 of the token, which only the link has. */
      hash: columns.text('hash').primaryKey(),
      accountId: columns
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      createdAt: columns.integer('created_at').notNull(),
      expiresAt: columns.integer('expires_at').notNull(),
    },
    (table) => [
      columns.index('sign_in_links_account').on(table.accountId),
      columns.index('sign_in_links_age').on(table.expiresAt),
    ],
  )

  const consoleAccess = columns.table('console_access', {
    accountId: columns
      .text('account_id')
      .primaryKey()
      .references(() => accounts.id),
    /** The key that sessions act as which no key opened; null: none did yet. */
    keyId: columns.text('key_id'),
    /** With its parameters and its salt; null: none is set. */
    passwordHash: columns.text('password_hash'),
    passwordSetAt: columns.integer('password_set_at'),
  })

  return { sessions, signInLinks, consoleAccess }
}
