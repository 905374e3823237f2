// A store that fails under a serving gateway: who waits is told the truth, and the process ends.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startSandbox } from '../../sandbox/sandbox.ts'
import { quickYaml } from '../support/gateway.ts'
import { adminToken, ask, cleanUpAfterwards, newFolder, serving } from '../cli/command.ts'

cleanUpAfterwards()

const upstream = await startSandbox({ apiKey: 'upstream-key' })
afterAll(async () => await upstream.close())

/** No file may grow beyond this: to the store it is a disk that is full. A new store takes more than 1 MiB while it is made. */
const limitKib = 2_048
const under = ['sh', '-c', `ulimit -f ${limitKib}; exec "$@"`, 'limited']

/** All at once: far more than the limit has room for, and all of them wait for the same few commits. */
const burst = 600

test('creates that wait for a commit which fails are told that it is unknown, and are there or not after a restart', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'tollgate.yaml'), quickYaml)
  const env = {
    KEEVX_API_KEY: 'upstream-key',
    KEEVX_BASE_URL: upstream.baseUrl,
    LOG_LEVEL: 'fatal',
    NODE_COMPILE_CACHE: undefined,
  }
  const first = await serving(folder, ['serve'], { env, under })
  const operator = `${first.url}/admin/v1`
  const { id } = (await ask(`${operator}/accounts`, adminToken, { name: 'Ann', credits: 100_000 })).data
  const { key } = (await ask(`${operator}/accounts/${id}/keys`, adminToken, { name: 'first' })).data
  const create = async () => {
    const body = { model_id: 'gpt-image-2', prompt: 'a heron', generate_count: 4 }
    return await ask(`${first.url}/api/v1/tasks/create`, key, body).catch(() => null)
  }
  const answers = (await Promise.all(Array.from({ length: burst }, create))).filter((one) => one !== null)
  const { code, stdout } = await first.ended
  expect(code).toBe(1)
  expect(stdout).toContain('the store cannot be trusted any more; start again to read it afresh')
  const failures = answers.filter((answer) => answer.code !== 200)
  for (const { error } of failures) expect(error.type).toBe('unavailable')
  const unknown = failures.filter(({ msg }) => msg.includes('it may or may not have been kept'))
  expect(unknown.length).toBeGreaterThan(0)
  // Who came after them was sent away before anything was looked at.
  for (const { msg } of failures.filter((one) => !unknown.includes(one)))
    expect(msg).toContain('its store has failed. Nothing was charged')

  const next = await serving(folder, ['serve'], { env })
  for (const { data } of answers.filter(({ code: said }) => said === 200))
    expect((await ask(`${next.url}/api/v1/tasks/${data.task_id}`, key)).code).toBe(200)
  expect((await ask(`${next.url}/admin/v1/ledger/verify`, adminToken)).data).toMatchObject({ ok: true })
})
