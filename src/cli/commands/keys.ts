// `tollgate keys …`: creates, lists and revokes keys for the client API.
import { createKey, listKeys, revokeKey, testKeysOff } from '../../accounts/keys.ts'
import { accountIdOf, keyIdOf } from '../../accounts/named.ts'
import { GatewayError } from '../../errors.ts'
import { viewKey } from '../../http/views.ts'
import { print, say } from '../output/exit.ts'
import type { OutputOptions } from '../output/exit.ts'
import { table, time } from '../output/table.ts'
import { withStore } from '../with-store.ts'

export async function create(
  account: string,
  options: OutputOptions & { name: string; expires?: number; test?: boolean },
): Promise<void> {
  const made = await withStore((ctx) => {
    const nowMs = ctx.clock.now()
    const expiresAt = options.expires ?? null
    if (expiresAt !== null && expiresAt <= nowMs) throw alreadyExpired()
    if (options.test && ctx.config.testKeys === null) throw testKeysOff('--test')
    const kind = options.test ? 'test' : 'real'
    return ctx.db.transaction(async (tx) => {
      const accountId = await accountIdOf(tx, account)
      return await createKey(tx, { accountId, name: options.name, expiresAt, nowMs, kind })
    })
  })
  const { secret, ...key } = made
  if (!options.json) say('This key is shown this once:')
  print(options, { ...viewKey(key), key: secret }, [secret])
}

export async function list(account: string, options: OutputOptions): Promise<void> {
  const keys = await withStore(async ({ db: { read } }) =>
    (await listKeys(read, await accountIdOf(read, account))).map(viewKey),
  )
  print(options, { keys }, describe(keys))
}

export async function revoke(named: string, options: OutputOptions): Promise<void> {
  const key = await withStore((ctx) =>
    ctx.db.transaction(async (tx) => viewKey(await revokeKey(tx, await keyIdOf(tx, named), ctx.clock.now()))),
  )
  print(options, key, describe([key]))
}

function describe(keys: readonly ReturnType<typeof viewKey>[]): string[] {
  return table(
    ['id', 'prefix', 'kind', 'name', 'created', 'expires', 'revoked'],
    keys.map((key) => [
      key.id,
      key.prefix,
      key.test ? 'test' : 'real',
      key.name,
      time(key.created_at),
      time(key.expires_at),
      time(key.revoked_at),
    ]),
  )
}

const alreadyExpired = () =>
  new GatewayError('invalid_request', { en: '--expires: lies in the past.', zh: '--expires:该时间已过去。' })
