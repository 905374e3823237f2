// Each example of the pages, run as it is printed: by a shell, by Node, by Python, with a reader's key put in.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, quickYaml, until } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { freePort } from '../support/port.ts'
import { folderWith } from './examples.ts'
import { examplesIn, filled, run, shellIn, started } from './page-examples.ts'
import type { Example, Ran } from './page-examples.ts'

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

let gateway: Gateway
let customer: Customer
let port: number
beforeAll(async () => {
  gateway = await startGateway({ yaml: `${quickYaml}network: { allow_hosts: [127.0.0.1] }\n` })
  customer = await gateway.customer(10_000)
  port = await freePort()
})
afterAll(async () => await gateway.stop())

const pythonIsHere = spawnSync('python3', ['--version']).status === 0
const page = async (path: string) => (await gateway.call('GET', path)).text
/** Of a library that has to be installed: the clients of `npm run test:clients` run it. */
const isOfLibrary = ({ code }: Example) => /\b(?:from 'openai'|from openai\b)/.test(code)

function answerOf({ code, out, err }: Ran, example: Example): any {
  expect([code, /not found|error/i.test(err)], `${example.code}\n${out}\n${err}`).toEqual([0, false])
  const answer = JSON.parse(out)
  expect(answer.code ?? 200, `${example.code}\n${out}`).toBe(200)
  return answer
}

/** What a reader knows by then. */
const readersValues = async () => {
  const batch = await gateway.operator('POST', '/codes', { credits: 5, count: 1 })
  return {
    'sk-YOUR_KEY': customer.key,
    'https://your-server.example/webhooks': `http://127.0.0.1:${port}/webhooks`,
    'tg-XXXXX-XXXXX-XXXXX-XXXXX': batch.json.data.codes[0],
    'listen(8000)': `listen(${port})`,
    '("", 8000)': `("", ${port})`,
  }
}

test('each example of /docs works as it is printed, in both languages', async () => {
  const examples = examplesIn(await page('/docs?lang=en'))
  // The code is the same, so that what is shown to be true of one page is true of the other.
  expect(examplesIn(await page('/docs?lang=zh'))).toEqual(examples)
  const folder = folderWith({})
  writeFileSync(join(folder, 'photo.png'), png)
  const values: Record<string, string> = await readersValues()
  const counts: Record<string, number> = {}
  for (const example of examples) {
    const copied = { ...example, code: filled(example.code, values) }
    counts[example.name] = (counts[example.name] ?? 0) + 1
    if (example.name === 'JSON' || example.name === 'mcp.json') expect(JSON.parse(copied.code)).toBeTruthy()
    if (isOfLibrary(example) || example.code.includes('WEBHOOK_SECRET')) continue
    if (example.name === 'TypeScript' || (example.name === 'Python' && pythonIsHere)) {
      const ran = await run(copied, { folder })
      expect([ran.code, ran.err], copied.code).toEqual([0, ''])
      expect(ran.out, copied.code).toMatch(/^(?:task_\w+ \d+|https?:\/\/\S+)\n$/)
    }
    if (example.name !== 'cURL') continue
    if (example.code.includes('/webhooks/test')) continue
    const { data } = answerOf(await run(copied, { folder }), copied)
    if (data.task_id && data.credits && !data.task_status) values['TASK_ID'] = data.task_id
    if (data.file_name) values['FILE_URL'] = data.url
    expect(copied.code, 'something is left to be replaced').not.toMatch(/YOUR_|TASK_ID|FILE_URL|XXXXX|your-server/)
  }
  expect(counts).toMatchObject({ cURL: 14, TypeScript: 4, JavaScript: 1, Python: 4 })
  expect(Object.keys(values)).toEqual(expect.arrayContaining(['TASK_ID', 'FILE_URL']))
})

test.each(['JavaScript', ...(pythonIsHere ? ['Python'] : [])])(
  'the receiver in %s takes what the gateway sends, and nothing that is forged',
  async (language) => {
    const examples = examplesIn(await page('/docs'))
    const values: Record<string, string> = await readersValues()
    const folder = folderWith({})
    const printed = (part: string, name = 'cURL') => {
      const found = examples.find((one) => one.name === name && one.code.includes(part))
      if (!found) throw new Error(`the page has no ${part}`)
      return { name, code: filled(found.code, values) }
    }
    const ask = async (example: Example) => answerOf(await run(example, { folder }), example).data
    await ask(printed('-X PUT'))
    const { secret } = await ask(printed('/webhooks/secret'))
    const receiver = started(printed('WEBHOOK_SECRET', language), { folder, env: { WEBHOOK_SECRET: secret } })
    const tried = await until(
      async () => await ask(printed('/webhooks/test')),
      ({ delivered }) => delivered,
    )
    expect(tried).toMatchObject({ delivered: true, status: 204 })
    const { task_id: id } = await ask(printed('aspect_ratio'))
    await until(
      async () => receiver.said,
      (said) => said.includes(`task.succeeded ${id}`),
    )
    const forge = (headers: Record<string, string>) =>
      fetch(`http://127.0.0.1:${port}/webhooks`, { method: 'POST', headers, body: '{"type":"task.failed"}' })
    const now = String(Math.floor(Date.now() / 1_000))
    const signed = { 'webhook-id': 'msg_1', 'webhook-timestamp': now, 'webhook-signature': `v1,${'A'.repeat(43)}=` }
    for (const headers of [{}, signed, { ...signed, 'webhook-timestamp': 'soon' }])
      expect((await forge(headers)).status).toBe(400)
    expect(receiver.said).not.toContain('task.failed')
    receiver.kill()
  },
)

test.each(['/docs.md', '/skill.md'])('each example of %s works as it is printed', async (path) => {
  const blocks = shellIn(await page(path))
  expect(blocks.length).toBeGreaterThanOrEqual(3)
  const folder = folderWith({})
  writeFileSync(join(folder, 'photo.png'), png)
  const values: Record<string, string> = { ORDER_NAME: `garden of ${path}` }
  for (const block of blocks) {
    const example = { name: 'cURL', code: filled(block, values) }
    const ran = await run(example, { folder, env: { TOLLGATE_API_KEY: customer.key } })
    expect(ran.err).toBe('')
    const { data } = answerOf(ran, example)
    if (data.task_ids) values['TASK_ID'] = data.task_id
  }
  expect(values['TASK_ID']).toBeDefined()
})
