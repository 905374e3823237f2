// Finds an account or a key by what an operator has at hand: an id, a name, or the first characters of a key.
import { eq, sql } from '../db/drizzle.ts'
import type { Connection } from '../db/database.ts'
import { statement } from '../db/statement.ts'
import { GatewayError } from '../errors.ts'
import type { Text } from '../errors.ts'
import { hashOf, looksLikeSecret, looksLikeTestSecret, prefixLengthOf } from './secret.ts'

/** Enough to show that several share a name or a beginning. */
const shownMax = 5
/** `sk-`, which all keys begin with, and one more character. */
const beginningMin = 4

/**
 * The id of the account with this id, or else of the only one with this name.
 * Throws not_found if there is none, and invalid_request with their ids if several have the name.
 */
export async function accountIdOf(read: Connection, given: string): Promise<string> {
  const { accounts } = read.tables
  const [byId] = await read.select({ id: accounts.id }).from(accounts).where(eq(accounts.id, given))
  if (byId) return byId.id
  const named = await read
    .select({ id: accounts.id })
    .from(accounts)
    .where(eq(accounts.name, given))
    .limit(shownMax)
  return onlyOne(named, accountWords)
}

/** With their names and balances, in credits; one that is not there is left out. */
export async function accountsWithIds(
  read: Connection,
  ids: readonly string[],
): Promise<{ readonly id: string; readonly name: string; readonly balance: number }[]> {
  const found = await Promise.all(ids.map(async (id) => await nameAndBalance(read, { id })))
  return found.flat()
}

const nameAndBalance = statement<{ id: string; name: string; balance: number }>(
  'account_name_balance',
  (read) => {
    const { id, name, balance } = read.tables.accounts
    return read
      .select({ id, name, balance })
      .from(read.tables.accounts)
      .where(eq(id, sql.placeholder('id')))
  },
)

/** When the first account was made; null: there is none. Ids sort by age. */
export async function firstAccountAt(read: Connection): Promise<number | null> {
  const { accounts } = read.tables
  const [first] = await read
    .select({ createdAt: accounts.createdAt })
    .from(accounts)
    .orderBy(accounts.id)
    .limit(1)
  return first?.createdAt ?? null
}

/**
 * The id of the key given by its id, by the whole key, or by its listed beginning. If several keys share a
 * beginning, it means the only one that is not revoked.
 */
export async function keyIdOf(read: Connection, given: string): Promise<string> {
  const { keys } = read.tables
  const [byId] = await read.select({ id: keys.id }).from(keys).where(eq(keys.id, given))
  if (byId) return byId.id
  if (looksLikeSecret(given) || looksLikeTestSecret(given)) {
    const [bySecret] = await read
      .select({ id: keys.id })
      .from(keys)
      .where(eq(keys.hash, hashOf(given)))
    return onlyOne(bySecret ? [bySecret] : [], keyWords)
  }
  const beginning = given.replace(/(?:…|\.\.\.)$/, '')
  // Only the beginning of a key is stored, so the rest of a longer text could not be checked.
  if (beginning.length > prefixLengthOf(beginning)) throw tooLong(prefixLengthOf(beginning))
  if (beginning.length < beginningMin) return onlyOne([], keyWords)
  const found = await read
    .select({ id: keys.id, revokedAt: keys.revokedAt })
    .from(keys)
    .where(sql`substr(${keys.prefix}, 1, ${beginning.length}) = ${beginning}`)
  const open = found.filter(({ revokedAt }) => revokedAt === null)
  return onlyOne((open.length > 0 ? open : found).slice(0, shownMax), keyWords)
}

interface Words {
  readonly none: Text
  readonly several: Text
}

const accountWords: Words = {
  none: {
    en: 'There is no account with this id or name. tollgate accounts list shows them.',
    zh: '没有这个 id 或名称的账户。可用 tollgate accounts list 查看。',
  },
  several: {
    en: 'Several accounts have this name. Give the id of the one you mean:',
    zh: '有多个账户使用此名称。请改用其 id:',
  },
}

const keyWords: Words = {
  none: {
    en: 'There is no key with this id or beginning. tollgate keys list shows those of an account.',
    zh: '没有这个 id 或开头的密钥。可用 tollgate keys list 查看账户的密钥。',
  },
  several: {
    en: 'Several keys begin so. Nothing was changed. Give the id of the one you mean:',
    zh: '有多个密钥以此开头,未做任何更改。请改用其 id:',
  },
}

function onlyOne(found: readonly { readonly id: string }[], { none, several }: Words): string {
  const [one, ...others] = found
  if (!one) throw new GatewayError('not_found', none, { field: 'id' })
  if (others.length === 0) return one.id
  const ids = found.map(({ id }) => id).join(', ')
  throw new GatewayError(
    'invalid_request',
    { en: `${several.en} ${ids}.`, zh: `${several.zh}${ids}。` },
    { field: 'id' },
  )
}

const tooLong = (prefixLength: number) =>
  new GatewayError(
    'invalid_request',
    {
      en: `Of a key only its first ${prefixLength} characters are kept: give those, the whole key, or its id. Nothing was changed.`,
      zh: `系统只保留密钥的前 ${prefixLength} 个字符:请提供这些字符、完整密钥或其 id。未做任何更改。`,
    },
    { field: 'id' },
  )
