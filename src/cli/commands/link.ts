// `tollgate accounts link`: makes a link that signs a customer in to the console once.
import { accountIdOf } from '../../accounts/named.ts'
import type { Tx } from '../../db/database.ts'
import { commandLine } from '../../operators/act.ts'
import { makeSignInLink } from '../../operators/links.ts'
import { print, say } from '../output/exit.ts'
import type { OutputOptions } from '../output/exit.ts'
import { time } from '../output/table.ts'
import { withStore } from '../with-store.ts'

export async function link(named: string, options: OutputOptions & { for: number }): Promise<void> {
  const { url, expiresAt } = await withStore(async (ctx) => {
    const { host, port } = ctx.config
    const origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
    const account = async (tx: Tx) => await accountIdOf(tx, named)
    return await makeSignInLink(ctx, commandLine, { account, forMs: options.for, origin })
  })
  const expires = Math.floor(expiresAt / 1_000)
  if (!options.json) say(`This link signs in once, until ${time(expires)}; it is shown this once:`)
  print(options, { url, expires_at: expires }, [url])
}
