// Files of the archive from before prompts were kept for a time lose them once they are that old, and each is read once.
import { expect, test } from 'vitest'
import { cleanNextArchive } from '../../src/privacy/archives.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'
import { archiveAll, archived, dayMs, dispatchAll } from '../tasks/archive/scene.ts'

test('a file that was written with texts loses them when it is as old as prompts may be', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(100)
  domain.submitted = () => ({ kind: 'refused', reason: 'No.', detail: 'no heron' })
  await create(domain.ctx, caller, { model_id: 'gpt-image-2', prompt: 'a shy heron' })
  await dispatchAll(domain)
  domain.clock.advance(dayMs + 1_000)
  expect(await archiveAll(domain)).toMatchObject({ orders: 1 })
  const before = archived(domain)
  const { config } = domain.ctx
  const ctx = { ...domain.ctx, config: { ...config, privacy: { promptsMs: 3 * dayMs } } }
  const clean = async () => await cleanNextArchive(ctx)

  domain.clock.advance(3 * dayMs - 1_000)
  expect(await clean()).toBe(false)
  expect(archived(domain)).toEqual(before)
  domain.clock.advance(1_000)
  expect(await clean()).toBe(true)
  const [order] = archived(domain)
  expect(JSON.stringify(order)).not.toContain('heron')
  expect(order).toMatchObject({
    request: { text_removed_at: domain.clock.now() },
    tasks: [{ state: 'failed', credits: 15 }],
    entries: [{ amount: -15 }, { amount: 15 }],
  })
  expect(await clean()).toBe(false)
})
