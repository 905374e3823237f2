// Limits how many uploads we keep per account, so that no account fills the disk.
import { sizeText } from '../../config/quantities.ts'
import type { Context } from '../../context.ts'
import type { Connection } from '../../db/database.ts'
import { GatewayError } from '../../errors.ts'
import { uploadTotals } from './rows.ts'
import type { UploadTotals } from './rows.ts'

/**
 * Throws rate_limited if the account's uploads reach the maximum count, or would exceed the maximum bytes. It
 * is safe for concurrent uploads if called in the transaction that inserts the row.
 */
export async function requireUploadRoom(
  ctx: Context,
  connection: Connection,
  { accountId, bytes }: { readonly accountId: string; readonly bytes: number },
): Promise<void> {
  const { filesMax, bytesMax } = ctx.config.media.uploads
  const [totals] = await uploadTotals(connection, { accountId })
  if (!totals) return
  if (totals.files + 1 > filesMax || totals.bytes + bytes > bytesMax) throw noRoom(ctx, totals)
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** A client that retries automatically does so within the hour. */
const retryAfterMaxMs = hourMs

function noRoom(ctx: Context, { files, bytes, firstDueAt }: UploadTotals): GatewayError {
  const { filesMax, bytesMax } = ctx.config.media.uploads
  const untilMs = Math.max(minuteMs, (firstDueAt ?? 0) - ctx.clock.now())
  const [has, most] = [sizeText(bytes), sizeText(bytesMax)]
  const hours = Math.ceil(untilMs / hourMs)
  return new GatewayError(
    'rate_limited',
    {
      en: `This account has ${files} uploaded files of ${has} with us; ${filesMax} files and ${most} is the most. The file was not kept and nothing was charged. The oldest is deleted within ${hours} h. Use the URLs that you have again, name pictures in image_urls by public URLs of your own, or ask the operator for more room.`,
      zh: `该账户已保存 ${files} 个上传文件(${has}),上限为 ${filesMax} 个文件、${most}。本次文件未保存,未扣除任何积分。最早的文件将在 ${hours} 小时内删除。请重复使用已有的 URL,或在 image_urls 中使用您自己的公网 URL,或联系运营方提高上限。`,
    },
    { field: 'file', retryAfterMs: Math.min(untilMs, retryAfterMaxMs) },
  )
}
