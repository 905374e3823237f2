// An export holds all that is known of one account and nothing of another, and is taken up where it was broken off.
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { grant } from '../../src/ledger/grant.ts'
import { makeKey } from '../../src/operators/keys.ts'
import { commandLine } from '../../src/operators/act.ts'
import { exportAccount } from '../../src/privacy/export.ts'
import type { ExportLine } from '../../src/privacy/export.ts'
import { exportToFile } from '../../src/privacy/export-file.ts'
import { setEndpoint } from '../../src/webhooks/endpoint.ts'
import { archiveAll, dayMs, dispatchAll, openScene } from '../tasks/archive/scene.ts'
import { create } from '../support/domain-harness.ts'

async function linesOf(
  ctx: Parameters<typeof exportAccount>[0],
  accountId: string,
  after: string | null = null,
): Promise<ExportLine[]> {
  const lines: ExportLine[] = []
  for await (const page of await exportAccount(ctx, { accountId, after })) lines.push(...page)
  return lines
}

async function openExport() {
  const scene = await openScene()
  const { domain, caller } = scene
  const { ctx, clock } = domain
  domain.clock.advance(dayMs + 10_000)
  await archiveAll(domain)
  const words = { test: 'test', expiresAt: 'expires_at' }
  const wanted = { account: caller.accountId, words, name: 'shop', expiresAt: null }
  const key = await makeKey(ctx, commandLine, wanted)
  await setEndpoint(ctx, caller.accountId, { url: 'https://example.com/hook' })
  domain.submitted = () => ({ kind: 'refused', reason: 'No.', detail: 'no' })
  const { created } = await create(ctx, caller, { model_id: 'gpt-image-2', prompt: 'a late heron' })
  await dispatchAll(domain)
  const other = await domain.account(500)
  await create(ctx, other, { model_id: 'gpt-image-2', prompt: 'a prompt of another' })
  await ctx.db.transaction(async (tx) => {
    const notes = { private: 'a note', public: null }
    const given = { accountId: caller.accountId, amount: 7, notes, idempotencyKey: null, nowMs: clock.now() }
    await grant(tx, given)
  })
  return { ...scene, ctx, key, created, other }
}

test('all of the account is in it, and no secret and nothing of another', async () => {
  const { ctx, caller, key, created, succeeded, failed, running, other } = await openExport()
  const lines = await linesOf(ctx, caller.accountId)
  const of = (type: string) => lines.filter((line) => line.type === type)
  expect(lines[0]).toMatchObject({ type: 'export', version: 1, account_id: caller.accountId })
  expect(lines.at(-1)).toEqual({ type: 'end', at: 'end:whole', whole: true })
  expect(of('account')).toMatchObject([{ data: { id: caller.accountId, name: 'customer' } }])
  expect(of('keys')).toMatchObject([{ data: { id: key.id, name: 'shop' } }])
  expect(of('webhook_endpoints')).toMatchObject([{ data: { url: 'https://example.com/hook' } }])
  expect(of('orders').map(({ data }) => (data as any).request.id)).toEqual([
    running.requestId,
    created.requestId,
  ])
  expect(of('archive').map(({ data }) => (data as any).request.id)).toEqual([
    failed.requestId,
    succeeded.requestId,
  ])
  expect(of('entries').map(({ data }) => (data as any).amount)).toEqual([
    1_000, -15, 15, -15, -15, -15, -15, 15, 7,
  ])
  expect(of('acts')).toMatchObject([{ data: { action: 'createKey', target: key.id } }])
  const text = JSON.stringify(lines)
  for (const secret of [key.secret, 'token_hash', other.accountId, 'a prompt of another', '"hash"']) {
    expect(text).not.toContain(secret)
  }
})

test('it goes on behind every one of its lines, to the same end', async () => {
  const { ctx, caller } = await openExport()
  const whole = await linesOf(ctx, caller.accountId)
  for (const [at, line] of whole.entries()) {
    if (line.at !== '')
      expect(await linesOf(ctx, caller.accountId, line.at)).toEqual(
        whole.slice(at + 1).length === 0 ? [line] : whole.slice(at + 1),
      )
  }
  await expect(exportAccount(ctx, { accountId: caller.accountId, after: 'nothing:1' })).rejects.toMatchObject(
    {
      type: 'invalid_request',
      field: 'after',
    },
  )
  await expect(exportAccount(ctx, { accountId: 'acc_none', after: null })).rejects.toMatchObject({
    type: 'not_found',
  })
})

test('a file that was broken off within a line is gone on with; one of something else is left alone', async () => {
  const { ctx, caller, other, domain } = await openExport()
  const [whole, broken, theirs] = ['whole', 'broken', 'theirs'].map((name) => join(domain.folder, name))
  const { lines } = await exportToFile(ctx, caller.accountId, whole ?? '')
  const text = readFileSync(whole ?? '', 'utf8')
  expect(text.trimEnd().split('\n')).toHaveLength(lines)
  const cuts = [
    3,
    text.indexOf('\n') + 1,
    text.indexOf('\n') + 40,
    Math.floor(text.length / 2),
    text.length - 1,
  ]
  for (const cut of cuts) {
    writeFileSync(broken ?? '', text)
    truncateSync(broken ?? '', cut)
    await exportToFile(ctx, caller.accountId, broken ?? '')
    expect(readFileSync(broken ?? '', 'utf8')).toBe(text)
  }
  expect(await exportToFile(ctx, caller.accountId, broken ?? '')).toEqual({ lines: 0, resumed: true })
  for (const held of ['{"some":"json"}\n', text]) {
    writeFileSync(theirs ?? '', held)
    await expect(exportToFile(ctx, other.accountId, theirs ?? '')).rejects.toThrow('something else')
    expect(readFileSync(theirs ?? '', 'utf8')).toBe(held)
  }
})

test('a place that no export names is refused: behind it a part would be left out, and the end call it whole', async () => {
  const { ctx, caller } = await openExport()
  const lines = await linesOf(ctx, caller.accountId)
  for (const { at } of lines.slice(1)) {
    expect((await linesOf(ctx, caller.accountId, at)).at(-1)).toMatchObject({ whole: true })
  }
  const wrong = ['entries:abc', 'entries:1.5', 'entries:0x10', 'acts:9e99', 'account:x', 'keys:zzz']
  const others = ['orders:zzz', 'codes:key_1', 'deliveries:zzz', 'archive:.', 'archive:zzz.5', 'end:other']
  for (const after of [...wrong, ...others]) {
    await expect(exportAccount(ctx, { accountId: caller.accountId, after })).rejects.toThrow('no line of an')
  }
})
