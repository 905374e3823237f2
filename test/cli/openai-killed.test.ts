// A gateway that is killed while a client of OpenAI's API waits: the client's retry takes up what it ordered.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startSandbox } from '../../sandbox/sandbox.ts'
import { quickYaml, until } from '../support/gateway.ts'
import { ask, cleanUpAfterwards, newFolder, serving, tollgate } from './command.ts'

cleanUpAfterwards()

test('kill -9 between the order and its answer loses nothing and orders nothing twice', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'tollgate.yaml'), quickYaml)
  const sandbox = await startSandbox({ apiKey: 'upstream-key', imageMs: 50, videoMs: 80 })
  onTestFinished(() => sandbox.close())
  sandbox.freeze('all')
  const env = { KEEVX_API_KEY: 'upstream-key', KEEVX_BASE_URL: sandbox.baseUrl }
  const gateway = await serving(folder, ['serve'], { env })
  const run = async (...args: string[]) => (await tollgate(folder, [...args, '--json'], { env })).json
  const account = await run('accounts', 'create', 'Ann', '--credits', '100')
  const { key } = await run('keys', 'create', account.id)

  const generate = async (url: string, retryCount: number) =>
    await fetch(`${url}/v1/images/generations`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'x-stainless-retry-count': String(retryCount),
      },
      body: JSON.stringify({ model: 'gpt-image-2', prompt: 'a heron' }),
    })
  const first = generate(gateway.url, 0).catch((error: Error) => error.message)
  const running = await until(
    async () => (await ask(`${gateway.url}/api/v1/tasks`, key)).data.tasks,
    (tasks) => tasks[0]?.task_status === 2,
  )
  gateway.kill('SIGKILL')
  await gateway.ended
  expect(await first).toBe('fetch failed')

  const next = await serving(folder, ['serve'], { env })
  const retry = generate(next.url, 1)
  await until(
    async () => await (await fetch(`${next.url}/metrics`)).text(),
    (text) => /^tollgate_waiters 1$/m.test(text),
  )
  const [{ taskIds: [upstreamId = ''] } = { taskIds: [] }] = sandbox.submissions
  sandbox.finish(upstreamId, 'SUCCEEDED')
  const { data } = (await (await retry).json()) as { data: { b64_json: string }[] }
  expect(Buffer.from(data[0]?.b64_json ?? '', 'base64').toString('latin1', 1, 4)).toBe('PNG')
  const { tasks } = (await ask(`${next.url}/api/v1/tasks`, key)).data
  expect(tasks.map((task: any) => task.task_id)).toEqual([running[0].task_id])
  expect(sandbox.submissions).toHaveLength(1)
  expect((await ask(`${next.url}/api/v1/credits`, key)).data.balance).toBe(85)
})
