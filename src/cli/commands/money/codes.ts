// `tollgate codes …`: makes redemption codes, lists and voids them.
import { listCodes } from '../../../credits/codes/codes.ts'
import type { CodeStatus } from '../../../credits/codes/codes.ts'
import { firstRows } from '../../../db/page.ts'
import { commandLine } from '../../../operators/act.ts'
import { createCodes, endCodes } from '../../../operators/credits.ts'
import { viewCode } from '../../../http/views.ts'
import { print, say } from '../../output/exit.ts'
import type { OutputOptions } from '../../output/exit.ts'
import { table, time } from '../../output/table.ts'
import { withStore } from '../../with-store.ts'

export async function create(
  credits: number,
  options: OutputOptions & { count: number; expires?: number; note?: string },
): Promise<void> {
  const { count, expires: expiresAt = null, note = null } = options
  const { batchId, codes } = await withStore((ctx) =>
    createCodes(ctx, commandLine, { credits, count, expiresAt, note }),
  )
  if (!options.json) say(`These codes of ${batchId} are shown this once:`)
  print(options, { batch_id: batchId, codes }, codes)
}

export async function list(
  options: OutputOptions & { batch?: string; status?: CodeStatus; limit: number },
): Promise<void> {
  const { batch: batchId = null, status = null } = options
  const codes = await withStore(async (ctx) =>
    (
      await firstRows(options.limit, (before, limit) => listCodes(ctx, { batchId, status, before, limit }))
    ).map(viewCode),
  )
  const head = ['id', 'batch', 'code', 'credits', 'status', 'expires', 'redeemed by', 'redeemed', 'note']
  const rows = codes.map((code) => [
    code.id,
    code.batch_id,
    code.prefix,
    code.credits,
    code.status,
    time(code.expires_at),
    code.redeemed_by,
    time(code.redeemed_at),
    code.note,
  ])
  print(options, { codes }, table(head, rows))
}

export async function voidSome(given: string, options: OutputOptions): Promise<void> {
  const voided = await withStore((ctx) => endCodes(ctx, commandLine, given))
  print(options, { voided }, [`voided ${voided}`])
}
