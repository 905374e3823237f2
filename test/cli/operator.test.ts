// The operator's commands, run beside a gateway that serves the same file: what they change holds at once.
import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { until } from '../support/gateway.ts'
import { adminToken, ask, cleanUpAfterwards, newFolder, serving, succeeded, tollgate } from './command.ts'
import type { Serving } from './command.ts'

cleanUpAfterwards()

const folder = newFolder()
let gateway: Serving
beforeAll(async () => {
  gateway = await serving(folder, ['serve', '--sandbox'])
})

const done = async (...args: string[]) => await succeeded(folder, args)

const picture = { model_id: 'gpt-image-2', prompt: 'a heron' }
const create = (key: string) => ask(`${gateway.url}/api/v1/tasks/create`, key, picture)

describe('beside a gateway that serves', () => {
  let account = ''
  let key = ''
  let keyId = ''

  test('an account and a key made by commands open the client API at once', async () => {
    const made = await done('accounts', 'create', 'Ann')
    expect(made).toMatchObject({ name: 'Ann', status: 'active', balance: 0 })
    account = made.id
    const shown = await tollgate(folder, [
      'keys',
      'create',
      account,
      '--name',
      'first',
      '--expires',
      '2999-12-31',
    ])
    expect(shown.said).toBe('This key is shown this once:\n')
    key = shown.stdout.trim()
    expect(key).toMatch(/^sk-[0-9A-Za-z]{32}$/)
    expect((await ask(`${gateway.url}/api/v1/credits`, key)).data).toEqual({ balance: 0, in_flight: 0 })
    const { keys } = await done('keys', 'list', account)
    expect(keys).toEqual([
      expect.objectContaining({ name: 'first', prefix: `${key.slice(0, 7)}…`, revoked_at: null }),
    ])
    keyId = keys[0].id
  })

  test('limits that commands set hold at once, are shown, and are lifted by off', async () => {
    const limits = [
      '--credits-per-day',
      '40',
      '--models',
      'gpt-image-2,seedance-2',
      '--cidrs',
      '127.0.0.0/8,::1',
    ]
    const limited = await done('keys', 'limit', keyId, ...limits)
    expect(limited.limits).toMatchObject({
      credits_per_day: 40,
      models: ['gpt-image-2', 'seedance-2'],
      cidrs: ['127.0.0.0/8', '::1'],
      credits_total: null,
    })
    const hidden = await ask(`${gateway.url}/api/v1/quote`, key, { ...picture, model_id: 'keevx-v' })
    expect(hidden.error.type).toBe('unknown_model')
    const lifted = await done('keys', 'limit', keyId, '--models', 'off', '--cidrs', 'off', '--expires', 'off')
    expect(lifted.expires_at).toBeNull()
    expect(lifted.limits).toMatchObject({ credits_per_day: 40, models: null, cidrs: null })
    expect((await tollgate(folder, ['keys', 'list', account])).stdout).toContain('40 a day')
    const ofAccount = await done(
      'accounts',
      'limit',
      'Ann',
      '--tasks-in-flight',
      'off',
      '--credits-total',
      '900',
    )
    expect(ofAccount.limits).toMatchObject({ tasks_in_flight: 'off', credits_total: 900 })
    const unknown = await tollgate(folder, ['accounts', 'limit', 'Ann', '--plan', 'vip'])
    expect(unknown).toMatchObject({ code: 1, said: expect.stringContaining('names no plan "vip"') })
  })

  test('what commands change is in the audit, and a token is made with its hash', async () => {
    const { acts } = await done('audit', '--target', keyId)
    expect(acts.map(({ actor, origin, action }: Record<string, unknown>) => [actor, origin, action])).toEqual(
      [
        ['cli', null, 'changeKey'],
        ['cli', null, 'changeKey'],
        ['cli', null, 'createKey'],
      ],
    )
    expect(acts[0]).toMatchObject({ before: { cidrs: ['127.0.0.0/8', '::1'] }, after: { cidrs: null } })
    expect((await tollgate(folder, ['audit', '--actor', 'cli'])).stdout).toContain('createAccount')
    const { token, token_hash: tokenHash } = await done('operators', 'token')
    expect(createHash('sha256').update(token).digest('hex')).toBe(tokenHash)
  })

  test('credits that a command grants can be spent at once, and a repeated grant gives once', async () => {
    expect((await create(key)).error.type).toBe('insufficient_credits')
    const grant = ['credits', 'grant', account, '15', '--note', 'paid', '--idempotency-key', 'bill-1']
    expect(await done(...grant)).toMatchObject({ balance: 15 })
    const created = await create(key)
    expect(created).toMatchObject({ code: 200, data: { credits: 15 } })
    const again = await tollgate(folder, grant)
    expect(again).toMatchObject({ code: 0, stdout: 'balance 15\n' })
    expect(again.stderr).toContain('nothing was given again')
    expect((await ask(`${gateway.url}/api/v1/credits`, key)).data.balance).toBe(0)

    const id = created.data.task_id
    const task = await until(
      () => ask(`${gateway.url}/api/v1/tasks/${id}`, key),
      ({ data }) => data.task_status >= 3,
    )
    expect(task.data.task_status).toBe(3)
    expect((await done('tasks', 'list', '--account', account, '--status', '3')).tasks).toMatchObject([
      { task_id: id, state: 'succeeded', account_id: account },
    ])
    expect(await done('tasks', 'show', id)).toMatchObject({
      task_id: id,
      attempts: [{ state: 'accepted' }],
      entries: [{ kind: 'charge', amount: -15 }],
    })
  })

  test('credits are taken away with a negative amount, and what was spent already is owed', async () => {
    expect(await done('credits', 'grant', account, '10')).toMatchObject({ balance: 10 })
    expect(await done('credits', 'grant', account, '-4')).toMatchObject({ balance: 6 })
    expect(await done('credits', 'grant', account, '-7')).toMatchObject({ balance: 0, owed: 1 })
    expect(await done('credits', 'grant', account, '7', '--paid', '0.70 EUR')).toMatchObject({
      balance: 6,
      owed: 0,
    })
    await done('accounts', 'activate', account)
  })

  test('a suspended account may look but not order, until it is activated', async () => {
    expect(await done('accounts', 'suspend', account)).toMatchObject({ status: 'suspended' })
    expect((await create(key)).error.type).toBe('account_suspended')
    expect(await done('accounts', 'activate', account)).toMatchObject({ status: 'active' })
    expect((await create(key)).error.type).toBe('insufficient_credits')
    const link = await tollgate(folder, ['accounts', 'link', account, '--for', '2h'])
    expect(link.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/console\/#\/link\/[0-9A-Za-z]{43}\n$/)
    const { url, expires_at: expiresAt } = await done('accounts', 'link', 'Ann')
    expect([url.split('#')[0], expiresAt > Date.now() / 1_000 + 71 * 3_600]).toEqual([
      link.stdout.split('#')[0],
      true,
    ])
    const list = await tollgate(folder, ['accounts', 'list', '--query', 'an'])
    expect(list.stdout).toMatch(new RegExp(`^id +name .*\\n${account} +Ann +active +6 `))
  })

  test('a key that a command revokes stops at once', async () => {
    expect(await done('keys', 'revoke', keyId)).toMatchObject({ id: keyId, revoked_at: expect.any(Number) })
    expect((await create(key)).error.type).toBe('unauthorized')
  })

  test('what there is not is said, with exit code 1', async () => {
    for (const [line, words] of [
      ['keys create acc_none', 'There is no account with this id or name.'],
      ['tasks show task_none', 'There is no task with this id'],
    ] as const) {
      const { code, json, said } = await tollgate(folder, [...line.split(' '), '--json'])
      expect(said).toContain(words)
      expect(json).toEqual({ ok: false, problems: [said.trimEnd()] })
      expect(code).toBe(1)
    }
  })

  test('the ledger adds up, by command and by HTTP', async () => {
    const verified = await done('ledger', 'verify')
    expect(verified).toMatchObject({ ok: true, accounts: 1, drift: [] })
    const byHttp = await ask(`${gateway.url}/admin/v1/ledger/verify`, adminToken)
    expect(byHttp.data).toEqual(verified)
  })

  test('a report says what was sold, as a table, CSV or JSON, and is compared with the ledger', async () => {
    const json = await done('report', '--group', 'account')
    expect(json).toMatchObject({ group: 'account', time_zone: 'UTC', currency: null })
    // The sandbox may be at it still: what was charged stands.
    expect(json.total).toMatchObject({ tasks: 1, charged: 15, value: null, margin: null })
    expect(json.rows).toMatchObject([{ group: account, name: 'Ann', tasks: 1, charged: 15 }])
    const table = await tollgate(folder, ['report', '--group', 'account'])
    expect(table.code).toBe(0)
    expect(table.said).toContain('reporting.credit_value does not say what a credit sells for')
    expect(table.stdout).toMatch(new RegExp(`^account +name +tasks .*\n${account} +Ann +1 .*\ntotal +- +1 `))
    const csv = await tollgate(folder, ['report', '--group', 'account', '--csv'])
    expect(csv.stdout).toMatch(new RegExp(`^group,name,tasks,.*\r\n${account},Ann,1,`))
    expect(await done('report', 'rebuild')).toEqual({ equal: true, rollups: 0, totals: 0 })
    const wrong = await tollgate(folder, ['report', '--from', '2026-02-30'])
    expect(wrong).toMatchObject({ code: 2, stdout: '' })
    expect(wrong.stderr).toContain('It must be a date such as 2026-11-30.')
    expect((await tollgate(folder, ['report', '--group', 'customer'])).code).toBe(2)
    const backwards = await done('report', '--from', '2026-03-01', '--to', '2026-02-01')
    expect(backwards).toMatchObject({ from: '2026-02-01', to: '2026-03-01' })
  })

  test('a second serve on the same file refuses with words, and the first goes on', async () => {
    const port = new URL(gateway.url).port
    // On its port, where only this gateway is in the way, and on another.
    for (const env of [{}, { PORT: port }]) {
      const second = await tollgate(folder, ['serve', '--sandbox'], { env })
      expect(second.code).toBe(1)
      expect(second.stderr).toMatch(
        /tollgate\.db is being served by another tollgate: process \d+, started 20\S+Z\. .*DATA_DIR of its own, with a DATABASE_URL in it\.\n$/,
      )
      expect(second.stderr).toContain(`process ${gateway.child.pid}, started`)
    }
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200)
  })

  test('a backup while serving holds the committed state, is for its owner alone, and replaces nothing', async () => {
    const copy = join(folder, 'backup.db')
    const { bytes } = await done('backup', 'backup.db')
    expect(statSync(copy)).toMatchObject({ size: bytes })
    expect(statSync(copy).mode & 0o077).toBe(0)
    const list = await tollgate(folder, ['accounts', 'list', '--json'], {
      env: { DATABASE_URL: 'file:backup.db' },
    })
    expect(list.json.accounts).toMatchObject([{ id: account, balance: 6 }])
    const again = await tollgate(folder, ['backup', 'backup.db'])
    expect(again).toMatchObject({ code: 1, said: `${copy} exists already. Name a file that does not.\n` })
  })

  test('restore refuses while the gateway serves, and leaves everything as it was', async () => {
    const refused = await tollgate(folder, ['restore', 'backup.db'])
    expect(refused.stderr).toMatch(
      new RegExp(
        `is being served by a tollgate: process ${gateway.child.pid}, .*\\. Stop it, then restore\\.\\n$`,
      ),
    )
    expect(refused.code).toBe(1)
    expect(await done('ledger', 'verify')).toMatchObject({ ok: true })
  })
})
