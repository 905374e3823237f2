// `tollgate keys …`: creates, lists, limits and revokes keys for the client API.
import { listKeys } from '../../accounts/keys.ts'
import { accountIdOf, keyIdOf } from '../../accounts/named.ts'
import { viewKey } from '../../http/views.ts'
import { commandLine } from '../../operators/act.ts'
import { alterKey, endKey, makeKey } from '../../operators/keys.ts'
import { limitsOf, limitsText, nullForOff } from '../options/limits.ts'
import type { LimitOptions, Off } from '../options/limits.ts'
import { today } from '../../ledger/caps/day.ts'
import { print, say } from '../output/exit.ts'
import type { OutputOptions } from '../output/exit.ts'
import { table, time } from '../output/table.ts'
import { withStore } from '../with-store.ts'

type KeyView = ReturnType<typeof viewKey>

interface CreateOptions extends OutputOptions, LimitOptions {
  readonly name: string
  readonly expires?: number
  readonly test?: boolean
}

export async function create(account: string, options: CreateOptions): Promise<void> {
  const { key, secret } = await withStore(async (ctx) => {
    const { secret: shownOnce, ...made } = await makeKey(ctx, commandLine, {
      account: (tx) => accountIdOf(tx, account),
      name: options.name,
      expiresAt: options.expires ?? null,
      limits: limitsOf(options, ctx.catalog.current),
      kind: options.test ? 'test' : 'real',
      words: { test: '--test', expiresAt: '--expires' },
    })
    return { key: viewKey(made, today(ctx)), secret: shownOnce }
  })
  if (!options.json) say('This key is shown this once:')
  print(options, { ...key, key: secret }, [secret])
}

export async function list(account: string, options: OutputOptions): Promise<void> {
  const keys = await withStore(async (ctx) =>
    (await listKeys(ctx.db.read, await accountIdOf(ctx.db.read, account))).map((key) =>
      viewKey(key, today(ctx)),
    ),
  )
  print(options, { keys }, describe(keys))
}

interface LimitKeyOptions extends OutputOptions, LimitOptions {
  readonly name?: string
  readonly expires?: number | Off
}

export async function setLimits(named: string, options: LimitKeyOptions): Promise<void> {
  const { name, expires } = options
  const key = await withStore(async (ctx) => {
    const change = {
      ...limitsOf(options, ctx.catalog.current),
      ...(name !== undefined && { name }),
      ...(expires !== undefined && { expiresAt: nullForOff(expires) }),
    }
    const altered = await alterKey(ctx, commandLine, {
      key: (tx) => keyIdOf(tx, named),
      change,
      expiryField: '--expires',
    })
    return viewKey(altered, today(ctx))
  })
  print(options, key, describe([key]))
}

export async function revoke(named: string, options: OutputOptions): Promise<void> {
  const key = await withStore(async (ctx) =>
    viewKey(await endKey(ctx, commandLine, (tx) => keyIdOf(tx, named)), today(ctx)),
  )
  print(options, key, describe([key]))
}

function describe(keys: readonly KeyView[]): string[] {
  return table(
    ['id', 'prefix', 'kind', 'name', 'created', 'expires', 'revoked', 'last used', 'used', 'limits'],
    keys.map((key) => [
      key.id,
      key.prefix,
      key.test ? 'test' : 'real',
      key.name,
      time(key.created_at),
      time(key.expires_at),
      time(key.revoked_at),
      time(key.last_used_at),
      key.used && `${key.used.credits_total} credits, ${key.used.credits_today} today`,
      limitsText(key.limits),
    ]),
  )
}
