// Test keys by the commands, beside a gateway that serves; and a gateway that is killed with test orders under way.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startSandbox } from '../../sandbox/sandbox.ts'
import { quickYaml, until } from '../support/gateway.ts'
import { ask, cleanUpAfterwards, newFolder, serving, tollgate } from './command.ts'

cleanUpAfterwards()

test('a test key by a command opens the gateway that serves; kill -9 loses nothing; a revoked one stays shut', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'tollgate.yaml'), quickYaml)
  const upstream = await startSandbox({ apiKey: 'upstream-key' })
  onTestFinished(() => upstream.close())
  const env = { KEEVX_API_KEY: 'upstream-key', KEEVX_BASE_URL: upstream.baseUrl }
  const run = async (...args: string[]) => (await tollgate(folder, [...args, '--json'], { env })).json
  const gateway = await serving(folder, ['serve'], { env })
  const account = await run('accounts', 'create', 'Ann')
  const made = await run('keys', 'create', account.id, '--test')
  expect(made).toMatchObject({ test: true, key: expect.stringMatching(/^sk-test-[0-9A-Za-z]{32}$/) })
  expect((await tollgate(folder, ['keys', 'list', account.id], { env })).stdout).toMatch(
    /sk-test-\w{4}….* test /,
  )

  const order = async (url: string, prompt: string) => {
    const answer = await fetch(`${url}/api/v1/tasks/create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${made.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model_id: 'gpt-image-2', prompt }),
    })
    return ((await answer.json()) as { data: { task_id: string } }).data.task_id
  }
  const taskOf = async (url: string, id: string) => (await ask(`${url}/api/v1/tasks/${id}`, made.key)).data
  const ended = async (url: string, id: string) =>
    await until(
      async () => await taskOf(url, id),
      (task) => task.task_status >= 3,
    )
  const done = await order(gateway.url, 'a heron')
  expect(await ended(gateway.url, done)).toMatchObject({ task_status: 3 })
  const open = await order(gateway.url, 'a slow heron')
  await until(
    async () => await taskOf(gateway.url, open),
    (task) => task.task_status === 2,
  )
  gateway.kill('SIGKILL')
  await gateway.ended

  const next = await serving(folder, ['serve'], { env })
  expect(await taskOf(next.url, done)).toMatchObject({ task_status: 3 })
  expect(await ended(next.url, open)).toMatchObject({ task_status: 4, credits_refunded: 15 })
  expect(await run('ledger', 'verify')).toMatchObject({ ok: true, entries: 0 })
  expect((await run('tasks', 'list')).tasks).toEqual([])
  await run('backup', join(folder, 'copy.db'))
  expect(existsSync(join(folder, 'copy.db'))).toBe(true)
  expect(await run('keys', 'revoke', made.prefix)).toMatchObject({ test: true })
  expect((await ask(`${next.url}/api/v1/tasks`, made.key)).code).toBe(0)
  next.kill('SIGTERM')
  await next.ended
  expect(next.stdout()).toContain('"msg":"stopped"')
  expect([...upstream.requests.keys()].filter((route) => route.startsWith('POST'))).toEqual([])
})

test('where they are off, no command makes one', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'tollgate.yaml'), `${quickYaml}\ntest_keys: false\n`)
  const gateway = await serving(folder, ['serve', '--sandbox'])
  const account = (await tollgate(folder, ['accounts', 'create', 'Ann', '--json'])).json
  const refused = await tollgate(folder, ['keys', 'create', account.id, '--test'])
  expect([refused.code, refused.stdout]).toEqual([1, ''])
  expect(refused.said).toContain('test_keys is false')
  expect((await tollgate(folder, ['keys', 'list', account.id, '--json'])).json.keys).toEqual([])
  gateway.kill('SIGTERM')
  await gateway.ended
})
