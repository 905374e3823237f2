// Orders that end as a test says, and what the archive has made of them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { neverLate, verifyInSlices, verifyLedger } from '../../../src/ledger/verify.ts'
import type { Drift } from '../../../src/ledger/pass/findings.ts'
import { archiveFolder, Archiving } from '../../../src/tasks/archive/archive.ts'
import type { Archived } from '../../../src/tasks/archive/archive.ts'
import type { OrderDocument } from '../../../src/tasks/archive/orders.ts'
import { claimSubmissions, submit } from '../../../src/tasks/submit/submit.ts'
import { claimPolls } from '../../../src/tasks/poll/claim.ts'
import { pollTask } from '../../../src/tasks/poll/poll.ts'
import { storeAt } from '../../../src/db/store-at.ts'
import { openDomainHarness } from '../../support/domain-harness.ts'
import type { DomainHarness, DomainHarnessOptions } from '../../support/domain-harness.ts'

const never = new AbortController().signal
export const dayMs = 24 * 60 * 60_000

export const result = {
  imageUrl: 'https://example.com/a.png',
  videoUrl: null,
  thumbnailUrl: null,
  width: 1,
  height: 1,
  durationSeconds: null,
}

export async function dispatchAll({ ctx, keevx }: DomainHarness): Promise<void> {
  for (const submission of await claimSubmissions(ctx, keevx, 16)) await submit(ctx, submission, never)
}

export async function pollAll({ ctx, clock }: DomainHarness): Promise<void> {
  clock.advance(50)
  for (const task of await claimPolls(ctx, 64)) await pollTask(ctx, task, never)
}

/** A whole round. */
export async function archiveAll(
  domain: DomainHarness,
  olderThanMs = dayMs,
  ordersOfFile?: number,
): Promise<Archived> {
  const archiving = new Archiving(domain.ctx, { olderThanMs, ...(ordersOfFile && { ordersOfFile }) })
  while (await archiving.turn(7));
  return archiving.result()
}

/** Every line of every file that is whole. */
export function archived({ ctx }: DomainHarness): OrderDocument[] {
  const folder = archiveFolder(ctx)
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl.gz'))
    .flatMap((name) =>
      gunzipSync(readFileSync(join(folder, name)))
        .toString()
        .trimEnd()
        .split('\n'),
    )
    .map((line) => JSON.parse(line) as OrderDocument)
}

/** In one state, and in slices of a few rows. */
export async function drift({ store, clock }: DomainHarness): Promise<Drift[]> {
  const look = storeAt(store.databaseUrl).lookAt()
  const rest = async () => undefined
  const slices = await verifyInSlices(look, { nowMs: clock.now(), late: neverLate, sliceRows: 3, rest })
  return [...(await verifyLedger(look, clock.now(), neverLate)).drift, ...slices.drift]
}

/** One order of two outputs that succeeded, one that was refused, and one that runs. */
export async function openScene(options: DomainHarnessOptions = {}) {
  const domain = await openDomainHarness(options)
  const caller = await domain.account(1_000)
  domain.submitted = () => ({ kind: 'refused', reason: 'No.', detail: 'no' })
  const failed = await domain.order(caller)
  await dispatchAll(domain)
  domain.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-1', 'i2is-2'] })
  domain.seen = () => ({ kind: 'succeeded', result })
  const succeeded = await domain.order(caller, 2)
  await dispatchAll(domain)
  await pollAll(domain)
  domain.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-3'] })
  const running = await domain.order(caller)
  await dispatchAll(domain)
  const left = async () =>
    (await domain.ctx.db.read.select().from(domain.ctx.db.read.tables.requests)).map(({ id }) => id)
  return { domain, caller, failed, succeeded, running, left }
}
