// An older copy goes on: nothing is paid for twice, nobody who was shut out comes in again, and what is gone is said.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAccount } from '../../src/accounts/accounts.ts'
import { createKey, revokeKey } from '../../src/accounts/keys.ts'
import { grant, noNotes } from '../../src/ledger/grant.ts'
import { storeAt } from '../../src/db/store-at.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { firstStore } from '../db/versions.ts'
import { until } from '../support/gateway.ts'
import { openTestStore } from '../support/test-store.ts'
import { adminToken, ask, cleanUpAfterwards, newFolder, serving, storeIn, tollgate } from './command.ts'
import type { Serving } from './command.ts'

cleanUpAfterwards()

/** One submit at a time, so that orders wait behind one that is being answered. */
const yaml = `
upstreams:
  keevx:
    adapter: keevx
    submit: { queue_for: 60s, timeout: 20s, attempts: 3, in_flight: 1 }
    image: { poll_every: 30ms, give_up_after: 60s }
`
const folder = newFolder()
const copy = join(folder, 'copy.db')
const slowMs = 5_000
const price = 15

let upstream: Sandbox
let gateway: Serving
let ann = { account: '', key: '', leaked: '', leakedId: '' }
let bob = { account: '', key: '' }
/** The prompt of each order of Ann's, and its task. */
const tasks = new Map<string, string>()

const upstreamEnv = () => ({
  KEEVX_API_KEY: 'upstream-key',
  KEEVX_BASE_URL: upstream.baseUrl,
  LOG_LEVEL: 'warn',
  PORT: '0',
})
const serve = async (cwd = folder) => await serving(cwd, ['serve'], { env: upstreamEnv() })
const operator = async (path: string, body?: unknown, method?: string) =>
  (await ask(`${gateway.url}/admin/v1${path}`, adminToken, body, method)).data
const credits = async (key: string) => await ask(`${gateway.url}/api/v1/credits`, key)
const stateOf = async (prompt: string): Promise<string> =>
  (await operator(`/tasks/${tasks.get(prompt)}`)).state
const reaches = async (prompt: string, state: string) =>
  await until(
    () => stateOf(prompt),
    (found) => found === state,
  )

async function order(prompt: string): Promise<void> {
  const body = { model_id: 'gpt-image-2', prompt }
  const answer = await ask(`${gateway.url}/api/v1/tasks/create`, ann.key, body)
  tasks.set(prompt, answer.data.task_id)
}

async function stop(): Promise<void> {
  gateway.kill('SIGTERM')
  expect((await gateway.ended).code).toBe(0)
}

/** How often each prompt was paid for upstream. */
function paid(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { body } of upstream.submissions) {
    const prompt = String(body['prompt'])
    counts[prompt] = (counts[prompt] ?? 0) + 1
  }
  return counts
}

const once = (...prompts: string[]) => Object.fromEntries(prompts.map((prompt) => [prompt, 1]))

beforeAll(async () => {
  upstream = await startSandbox({ apiKey: 'upstream-key', imageMs: 20 })
  writeFileSync(join(folder, 'tollgate.yaml'), yaml)
  gateway = await serve()
  const open = async (name: string, given: number) => {
    const { id } = await operator('/accounts', { name, credits: given })
    const { key } = await operator(`/accounts/${id}/keys`, { name: 'first' })
    return { account: id as string, key: key as string }
  }
  bob = await open('Bob', 100)
  const { account, key } = await open('Ann', 1_000)
  const leaked = await operator(`/accounts/${account}/keys`, { name: 'leaked' })
  ann = { account, key, leaked: leaked.key, leakedId: leaked.id }

  await operator(`/accounts/${account}/link`, {})
  await order('done')
  await reaches('done', 'succeeded')
  upstream.freeze('all')
  await order('running')
  await reaches('running', 'running')
  upstream.always('submit', { kind: 'delay_after_accept', ms: slowMs })
  await order('asked')
  await reaches('asked', 'submitting')
  for (const prompt of ['waits 1', 'waits 2', 'waits 3']) await order(prompt)
  await tollgate(folder, ['backup', 'copy.db'])

  // What the copy does not know of.
  upstream.always('submit', null)
  for (const prompt of ['asked', 'waits 1', 'waits 2', 'waits 3']) await reaches(prompt, 'running')
  await order('later')
  await reaches('later', 'running')
  await operator(`/keys/${ann.leakedId}`, undefined, 'DELETE')
  await operator(`/accounts/${bob.account}`, { status: 'suspended' }, 'PATCH')
  await operator(`/accounts/${ann.account}/credits`, { amount: 70, note: 'bill 9' })
  await stop()
}, 60_000)
afterAll(async () => await upstream.close())

describe('an older copy', () => {
  let restored: any

  test('lists in words what would be gone, and with --dry-run changes nothing', async () => {
    const { code, said, stdout } = await tollgate(folder, ['restore', 'copy.db', '--dry-run'])
    expect(code).toBe(0)
    expect(said).toMatch(/Grants that the present store holds and the copy does not/)
    expect(said).toMatch(new RegExp(`${ann.account} +Ann +\\+70 +bill 9`))
    expect(stdout).toBe('Nothing was changed (--dry-run).\n')
    expect((await tollgate(folder, ['accounts', 'show', ann.account, '--json'])).json.balance).toBe(
      1_070 - 7 * price,
    )
  })

  test('is told what may have happened since, and the operator is told what it does not hold', async () => {
    const { code, json } = await tollgate(folder, ['restore', 'copy.db', '--json'])
    expect(code).toBe(0)
    restored = json
    expect(json.held).toEqual({ requests: 3, tasks: 3, credits: 3 * price })
    expect(json.refused).toEqual({ keys: [ann.leakedId], accounts: [bob.account] })
    expect(json.gone).toEqual({
      grants: [
        {
          account_id: ann.account,
          account_name: 'Ann',
          amount: 70,
          note: 'bill 9',
          public_note: null,
          created_at: expect.any(Number),
        },
      ],
      charges: 1,
      refunds: 0,
    })
    expect(json.notices).toEqual([
      expect.stringMatching(/^3 orders \(3 tasks\) waited .*gives 45 credits back\..*--keep-queued/),
      expect.stringContaining(`and still so: ${ann.leakedId}, ${bob.account}.`),
      expect.stringMatching(
        /^Gone with the store before: 1 grants \(70 credits\), 1 charges and 0 refunds\./,
      ),
    ])
    expect((await tollgate(folder, ['ledger', 'verify', '--json'])).json).toMatchObject({ ok: true })
  })

  test('posts no order again that may have been posted, and gives back what nobody can say the end of', async () => {
    gateway = await serve()
    const before = ['done', 'running', 'asked', 'waits 1', 'waits 2', 'waits 3', 'later']
    expect(paid()).toEqual(once(...before))
    for (const prompt of ['waits 1', 'waits 2', 'waits 3']) await reaches(prompt, 'failed')
    const { upstream_task_id: upstreamTaskId } = await operator(`/tasks/${tasks.get('running')}`)
    upstream.finish(upstreamTaskId, 'SUCCEEDED')
    await reaches('running', 'succeeded')
    expect(await stateOf('done')).toBe('succeeded')
    // It was being posted when the copy was made: waited for as long as any that nobody answered.
    expect(await stateOf('asked')).toBe('unknown')
    expect(paid()).toEqual(once(...before))
    expect((await credits(ann.key)).data).toEqual({ balance: 1_000 - 3 * price, in_flight: price })
    expect(await operator(`/tasks/${tasks.get('waits 1')}`)).toMatchObject({
      task_status: 4,
      credits_refunded: price,
      attempts: [{ number: 1, state: 'unknown', detail: expect.stringContaining('restored from a copy') }],
      entries: [{ kind: 'charge' }, { kind: 'refund' }],
    })
    expect(await operator('/ledger/verify')).toMatchObject({ ok: true, drift: [] })
  })

  test('opens no door that has been closed since', async () => {
    expect((await credits(ann.leaked)).error.type).toBe('unauthorized')
    const refused = await ask(`${gateway.url}/api/v1/tasks/create`, bob.key, {
      model_id: 'gpt-image-2',
      prompt: 'bob',
    })
    expect(refused.error.type).toBe('account_suspended')
    expect(await operator(`/tasks/${tasks.get('later')}`)).toBeNull()
    // It may have been used since.
    expect(await storeIn(folder).rows('SELECT 1 FROM sign_in_links')).toEqual([])
    await stop()
    expect(restored.kept).toContain('before-restore')
  })
})

describe('where nobody can say what happened since', () => {
  test('a machine of its own says so, and with --keep-queued the orders that waited are made', async () => {
    const machine = newFolder()
    writeFileSync(join(machine, 'tollgate.yaml'), yaml)
    const { code, json } = await tollgate(machine, ['restore', copy, '--keep-queued', '--json'])
    expect(code).toBe(0)
    expect(json).toMatchObject({ kept: null, refused: null, gone: null, held: { requests: 0, credits: 0 } })
    expect(json.notices).toEqual([
      expect.stringMatching(
        /keys that were revoked .* since are open again, and credits granted since are gone/,
      ),
    ])
    const before = paid()
    gateway = await serve(machine)
    for (const prompt of ['waits 1', 'waits 2', 'waits 3']) await reaches(prompt, 'running')
    expect((await credits(ann.leaked)).code).toBe(200)
    await stop()
    expect(paid()).toEqual({ ...before, 'waits 1': 2, 'waits 2': 2, 'waits 3': 2 })
  })

  test('a store that is too damaged to be read is replaced all the same, with the same words', async () => {
    const machine = newFolder()
    const damaged = join(machine, 'tollgate.db')
    writeFileSync(damaged, Buffer.alloc(8_192, 0x5a))
    const env = { DATA_DIR: '.' }
    const { code, stdout, said } = await tollgate(machine, ['restore', copy], { env })
    expect(said).toMatch(/^3 orders .*\nThere was no store before that could be read, .*\n$/)
    expect(stdout).toMatch(/entries add up\. The one before is kept as .*before-restore-/)
    expect(code).toBe(0)
    expect((await tollgate(machine, ['ledger', 'verify'], { env })).code).toBe(0)
  })

  test('a store of somebody else shuts nobody out and misses nothing', async () => {
    const machine = newFolder()
    const db = await storeAt(storeIn(machine).databaseUrl).open({ onFatal: () => undefined })
    await db.transaction(async (tx) => {
      const { id: accountId } = await createAccount(tx, { name: 'Eve', nowMs: 1 })
      await grant(tx, { accountId, amount: 9, notes: noNotes, idempotencyKey: null, nowMs: 1 })
      const { id } = await createKey(tx, { accountId, name: 'k', expiresAt: null, nowMs: 1 })
      await revokeKey(tx, id, 2)
    })
    await db.close()
    const { json } = await tollgate(machine, ['restore', copy, '--json'])
    expect(json).toMatchObject({ refused: { keys: [], accounts: [] }, gone: null })
    expect(json.notices).toHaveLength(1)
  })

  test('a copy of an older version is brought up to date, and its queued orders are held too', async () => {
    const machine = newFolder()
    const older = firstStore(machine, { accounts: 2, requestsEach: 14 })
    const { code, json } = await tollgate(machine, ['restore', older, '--json'])
    expect({ code, held: json.held }).toEqual({
      code: 0,
      held: { requests: 4, tasks: 8, credits: 8 * price },
    })
    expect((await tollgate(machine, ['ledger', 'verify', '--json'])).json).toMatchObject({
      ok: true,
      accounts: 2,
    })
  })

  test('restoring does not touch the copy: it can be restored again', async () => {
    const waiting = await openTestStore(`file:${copy}`).rows("SELECT id FROM requests WHERE state = 'queued'")
    expect(waiting).toHaveLength(3)
  })
})
