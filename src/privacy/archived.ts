// Files of the archive, read and written anew line by line: a file may hold ten thousand orders.
import { createReadStream, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import type { Context } from '../context.ts'
import { archiveFolder } from '../tasks/archive/archive.ts'
import type { OrderDocument } from '../tasks/archive/orders.ts'

const suffix = '.jsonl.gz'

/** The names of complete files, oldest first. */
export function archiveFiles(ctx: Pick<Context, 'config'>): string[] {
  const folder = archiveFolder(ctx)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith(suffix))
    .toSorted()
}

/** Its orders, one after another; never more of it in memory than a few lines. */
export async function* ordersIn(ctx: Pick<Context, 'config'>, name: string): AsyncGenerator<OrderDocument> {
  const file = createReadStream(join(archiveFolder(ctx), name))
  const unpacked = file.pipe(createGunzip())
  // An error of the file alone would leave the reader waiting.
  file.on('error', (error) => void unpacked.destroy(error))
  try {
    for await (const line of createInterface({ input: unpacked, crlfDelay: Infinity })) {
      if (line !== '') yield JSON.parse(line) as OrderDocument
    }
  } finally {
    file.destroy()
    unpacked.destroy()
  }
}

export const isOfAccount = ({ request }: Pick<OrderDocument, 'request'>, accountId: string): boolean =>
  request['account_id'] === accountId
