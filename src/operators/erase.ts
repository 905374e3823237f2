// Erases an account for an operator: closed in one commit, and emptied by a loop that any gateway goes on with.
import { requireAccount } from '../accounts/accounts.ts'
import type { Account } from '../accounts/accounts.ts'
import type { Context } from '../context.ts'
import { conflictsNow, GatewayError } from '../errors.ts'
import type { Text } from '../errors.ts'
import { lockAccount } from '../ledger/refund.ts'
import { beginErasing } from '../privacy/begin.ts'
import { listErased } from '../privacy/list.ts'
import { act, idOf } from './act.ts'
import type { Actor, Named } from './act.ts'

interface AccountToErase {
  readonly account: Named
  /** Its id once more. */
  readonly confirmed: string
  /** Whether what it has, or owes, may be written off. */
  readonly forfeit: boolean
}

/**
 * A second time changes nothing. Throws not_found, and invalid_request while tasks are open, or credits left or owed
 * that may not be written off; then nothing has changed.
 */
export async function eraseAccount(ctx: Context, by: Actor, wanted: AccountToErase): Promise<Account> {
  const erased = await act(ctx, by, {
    action: 'eraseAccount',
    async work(tx, nowMs) {
      const id = await idOf(tx, wanted.account)
      await lockAccount(tx, id)
      const before = await requireAccount(tx, id)
      if (wanted.confirmed !== id) throw notConfirmed()
      if (before.erasedAt !== null) return { result: before, changed: null }
      requireEmpty(before, wanted)
      const forfeited = await beginErasing({ tx, nowMs }, id)
      const after = { erasedAt: nowMs, forfeited: forfeited?.balance ?? 0, writtenOff: forfeited?.owed ?? 0 }
      return { result: await requireAccount(tx, id), changed: { target: id, after } }
    },
  })
  // Before the answer: from now on an older copy of the store does not bring it back.
  listErased(ctx.config, [erased.id])
  ctx.wake('cleanup')
  return erased
}

function requireEmpty({ tasksOpen, balance, owed }: Account, { forfeit }: AccountToErase): void {
  if (tasksOpen > 0) throw tasksAreOpen(tasksOpen)
  if (forfeit) return
  if (balance > 0) throw hasCredits(balance)
  if (owed > 0) throw owesCredits(owed)
}

const conflict = (field: string, text: Text) =>
  new GatewayError('invalid_request', text, { field, detail: conflictsNow })

const notConfirmed = () =>
  conflict('confirm', {
    en: 'confirm: is not the id of this account, so nothing was erased. Erasing is for ever: give the id once more.',
    zh: 'confirm:与该账户的 id 不一致,未清除任何内容。清除后无法恢复:请再次提供 id。',
  })

const tasksAreOpen = (tasks: number) =>
  conflict('id', {
    en: `${tasks} tasks of the account have not ended, and what they cost may come back. Nothing was erased. Suspend the account, so that no more are ordered, and erase it when they have ended.`,
    zh: `该账户有 ${tasks} 个任务尚未结束,费用可能退还。未清除任何内容。请先停用账户以免继续下单,待任务结束后再清除。`,
  })

const hasCredits = (credits: number) =>
  conflict('forfeit', {
    en: `The account has ${credits} credits. Nothing was erased. Pay them back, or erase it with forfeit: an entry then writes them off.`,
    zh: `该账户尚有 ${credits} 积分。未清除任何内容。请先退款,或以 forfeit 清除:余额将以一条账目核销。`,
  })

const owesCredits = (credits: number) =>
  conflict('forfeit', {
    en: `The account owes ${credits} credits. Nothing was erased. Erase it with forfeit to write them off: entries then say so.`,
    zh: `该账户尚欠 ${credits} 积分。未清除任何内容。如需核销请以 forfeit 清除:将以账目记录。`,
  })
