// `tollgate accounts export` and `erase`: everything that is known of an account, and its end.
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { requireAccount } from '../../accounts/accounts.ts'
import { accountIdOf } from '../../accounts/named.ts'
import { printable } from '../../characters.ts'
import { StoreRefused } from '../../db/errors.ts'
import { storeAt } from '../../db/store-at.ts'
import { viewAccount } from '../../http/views.ts'
import { commandLine } from '../../operators/act.ts'
import { eraseAccount } from '../../operators/erase.ts'
import { eraseAtOnce } from '../../privacy/erasing.ts'
import { exportAccount } from '../../privacy/export.ts'
import { exportToFile, textOf } from '../../privacy/export-file.ts'
import { print, say } from '../output/exit.ts'
import type { OutputOptions } from '../output/exit.ts'
import { withStore } from '../with-store.ts'

export async function exportOne(
  named: string,
  file: string | undefined,
  options: OutputOptions,
): Promise<void> {
  await withStore(async (ctx) => {
    const accountId = await accountIdOf(ctx.db.read, named)
    if (file === undefined) {
      for await (const page of await exportAccount(ctx, { accountId, after: null })) {
        if (!process.stdout.write(textOf(page))) await once(process.stdout, 'drain')
      }
      return
    }
    const path = resolve(file)
    const { lines, resumed } = await exportToFile(ctx, accountId, path)
    print(options, { file: path, lines, resumed, whole: true }, [`${path}: ${lines} lines`])
    if (!options.json && resumed) say('The file held a part of it, and was gone on with.')
  })
}

interface EraseOptions extends OutputOptions {
  readonly forfeit?: boolean
  readonly yes?: boolean
}

export async function eraseOne(named: string, options: EraseOptions): Promise<void> {
  await withStore(async (ctx) => {
    const id = await accountIdOf(ctx.db.read, named)
    const { name, balance } = await requireAccount(ctx.db.read, id)
    const confirmed = options.yes ? id : await askForId(`${id} (${name}, ${balance} credits)`)
    const wanted = { account: id, confirmed, forfeit: options.forfeit ?? false }
    const erased = await eraseAccount(ctx, commandLine, wanted)
    const isServed = await storeAt(ctx.config.databaseUrl).isServed()
    if (!isServed) await eraseAtOnce(ctx.db, [], ctx.clock.now())
    print(options, viewAccount(erased), [`${id} is erased: closed, nameless and without credits.`])
    if (!options.json) say('What else is known of it, files too, is removed while the gateway serves.')
  })
}

async function askForId(what: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new StoreRefused(
      `${what} was not erased: nobody can be asked here. Add --yes if it is to be erased for ever.`,
    )
  }
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (
      await asking.question(`${printable(what)} will be erased for ever. Type its id to go on: `)
    ).trim()
  } finally {
    asking.close()
  }
}
