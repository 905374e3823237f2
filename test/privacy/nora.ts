// An account of which the store knows as much as it can of any, and the loops that empty it once it is erased.
import { eq } from '../../src/db/drizzle.ts'
import { insertWriting, markKept, mediaDue } from '../../src/media/rows.ts'
import { insertUpload, markUploadKept, uploadsDue } from '../../src/media/uploads/rows.ts'
import { alterAccount } from '../../src/operators/accounts.ts'
import { commandLine } from '../../src/operators/act.ts'
import { grantCredits, refundTask } from '../../src/operators/credits.ts'
import { eraseAccount } from '../../src/operators/erase.ts'
import { makeKey } from '../../src/operators/keys.ts'
import { eraseNext } from '../../src/privacy/erasing.ts'
import { setEndpoint } from '../../src/webhooks/endpoint.ts'
import { create } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'
import { dayMs, dispatchAll, pollAll, result } from '../tasks/archive/scene.ts'

export const words = ['Nora', 'heron', 'face.png', 'hook-of', 'nora-key', 'mine.png', '198.51.100', 'a.png']
export const keyWords = { test: 'test', expiresAt: 'expires_at' }

export const erase = async ({ ctx }: Pick<DomainHarness, 'ctx'>, account: string, forfeit = true) =>
  await eraseAccount(ctx, commandLine, { account, confirmed: account, forfeit })

/** An account of which the store knows as much as it can of any: orders that succeeded and failed, files, notes, a key. */
export async function openNora(domain: DomainHarness) {
  const { ctx, clock } = domain
  const caller = await domain.account(100)
  const account = caller.accountId
  await ctx.db.transaction(async (tx) => {
    const { accounts } = tx.tables
    await tx.update(accounts).set({ name: 'Nora' }).where(eq(accounts.id, account))
  })
  const limits = { cidrs: ['198.51.100.7'] }
  const key = await makeKey(ctx, commandLine, {
    account,
    words: keyWords,
    name: 'nora-key',
    expiresAt: null,
    limits,
  })
  await alterAccount(ctx, commandLine, { account, change: { cidrs: ['198.51.100.0/24'] } })
  await setEndpoint(ctx, account, { url: 'https://example.com/hook-of-nora' })
  const notes = { private: 'Nora paid', public: 'for Nora' }
  await grantCredits(ctx, commandLine, { account, amount: 40, notes, idempotencyKey: null })
  const body = {
    model_id: 'gpt-image-2',
    prompt: 'a shy heron',
    image_urls: ['https://example.com/face.png'],
    callback_url: 'https://example.com/hook-of-nora',
  }
  domain.submitted = () => ({ kind: 'refused', reason: 'No.', detail: 'a heron is not allowed' })
  await create(ctx, caller, body, 'key of Nora')
  await dispatchAll(domain)
  domain.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-1'] })
  domain.seen = () => ({ kind: 'succeeded', result })
  const { created: succeeded } = await create(ctx, caller, body)
  await dispatchAll(domain)
  await pollAll(domain)
  const [taskId = ''] = succeeded.taskIds
  await refundTask(ctx, commandLine, { taskId, credits: 5, reason: 'Nora was sad' })
  await ctx.db.transaction(async (tx) => {
    const dueAt = clock.now() + 90 * dayMs
    const file = { contentType: 'image/png', bytes: 3, createdAt: clock.now(), dueAt }
    await insertUpload(tx, { ...file, name: 'mine.png', accountId: account })
    await markUploadKept(tx, 'mine.png', dueAt)
    await insertWriting(tx, { ...file, name: 'kept.png', taskId, part: 'result', store: 'disk' })
    await markKept(tx, 'kept.png', dueAt)
  })
  return { account, key, taskId }
}

/** As the loops for files do it. */
export async function removeFiles({ ctx, clock, store }: DomainHarness): Promise<string[]> {
  const due = { nowMs: clock.now(), limit: 9 }
  const names = [...(await uploadsDue(ctx.db.read, due)), ...(await mediaDue(ctx.db.read, due))]
  await store.write(`DELETE FROM uploads WHERE due_at <= ${clock.now()}`)
  await store.write(`DELETE FROM media WHERE due_at <= ${clock.now()}`)
  return names.map(({ name }) => name)
}

export async function finish(domain: DomainHarness): Promise<void> {
  while ((await eraseNext(domain.ctx.db, domain.clock.now())) > 0);
}
