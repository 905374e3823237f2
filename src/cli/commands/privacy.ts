// `tollgate accounts export`: everything that is known of an account.
import { once } from 'node:events'
import { resolve } from 'node:path'
import { accountIdOf } from '../../accounts/named.ts'
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
