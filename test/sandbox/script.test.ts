// Faults on demand: each happens as it was scripted, once, and leaves behind what it says.
import { createServer } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { headers, makeImage, post, query } from './client.ts'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await startSandbox({ imageMs: 0 })
})
afterEach(() => sandbox.close())

const submit = () => post(sandbox, 'image_generate', { prompt: 'p', generate_count: 2 })

test('a status is said word for word, once, and accepts nothing', async () => {
  sandbox.script('submit', {
    kind: 'status',
    status: 429,
    body: { code: 1 },
    headers: { 'retry-after': '7' },
  })
  sandbox.script('submit', { kind: 'status', status: 502, body: '<h1>', contentType: 'text/html' })
  const ask = () =>
    fetch(`${sandbox.baseUrl}/image_generate`, { method: 'POST', headers, body: '{"prompt":"p"}' })
  const first = await ask()
  expect([first.status, first.headers.get('retry-after'), await first.json()]).toEqual([
    429,
    '7',
    { code: 1 },
  ])
  const second = await ask()
  expect([second.status, second.headers.get('content-type'), await second.text()]).toEqual([
    502,
    'text/html',
    '<h1>',
  ])
  expect(sandbox.submissions).toHaveLength(0)
  expect((await ask()).status).toBe(200)
})

test('always stands until it is taken back, behind what is queued', async () => {
  sandbox.always('submit', { kind: 'status', status: 500 })
  sandbox.script('submit', { kind: 'status', status: 503 })
  const statuses = [(await submit()).status, (await submit()).status, (await submit()).status]
  sandbox.always('submit', null)
  expect([...statuses, (await submit()).status]).toEqual([503, 500, 500, 200])
})

test('a reset before acceptance leaves nothing behind, one after it leaves paid work', async () => {
  sandbox.script('submit', { kind: 'reset' }, { kind: 'reset_after_accept' })
  await expect(submit()).rejects.toThrow('fetch failed')
  expect(sandbox.submissions).toHaveLength(0)
  await expect(submit()).rejects.toThrow('fetch failed')
  expect(sandbox.submissions).toHaveLength(1)
  const id = sandbox.submissions[0]?.taskIds[0] ?? ''
  expect((await query(sandbox, 'image_generate', id)).body.data.status).toBe('SUCCEEDED')
})

test('work that the rules refuse is refused in plain words even where a fault was scripted', async () => {
  sandbox.script('submit', { kind: 'reset_after_accept' })
  expect(await post(sandbox, 'image_generate', {})).toMatchObject({ status: 400, body: { code: 100_001 } })
})

test('a hanging answer never comes, with or without the work, and closing does not wait for it', async () => {
  sandbox.script('submit', { kind: 'hang' }, { kind: 'hang_after_accept' })
  const asked = [0, 1].map(() => submit().catch(() => 'cut off'))
  expect(await Promise.race([...asked, wait(60, 'silence')])).toBe('silence')
  expect(sandbox.submissions).toHaveLength(1)
  await sandbox.close()
  expect(await Promise.all(asked)).toEqual(['cut off', 'cut off'])
})

test('a delayed answer is the normal one, later', async () => {
  sandbox.script('query', { kind: 'delay', ms: 50 })
  const id = await makeImage(sandbox)
  const before = performance.now()
  expect((await query(sandbox, 'image_generate', id)).body.code).toBe(0)
  expect(performance.now() - before).toBeGreaterThan(45)
})

test('a callback can be there before the answer to its submit', async () => {
  const called = Promise.withResolvers<string>()
  const receiver = createServer((_, response) => {
    called.resolve('callback')
    response.end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const address = receiver.address()
  const port = typeof address === 'object' ? address?.port : 0
  const slow = await startSandbox({ apiKey: 'key', imageMs: 0 })
  slow.script('submit', { kind: 'delay_after_accept', ms: 60_000 })
  const body = { prompt: 'p', callback_url: `http://127.0.0.1:${port}/` }
  const answered = post(slow, 'image_generate', body).then(
    () => 'answer',
    () => 'cut off',
  )
  expect(await Promise.race([called.promise, answered])).toBe('callback')
  await slow.close()
  expect(await answered).toBe('cut off')
  receiver.closeAllConnections()
  receiver.close()
})

test("a script's own mistake is told as such", async () => {
  const change = () => {
    throw new Error('no such field')
  }
  sandbox.script('query', { kind: 'observe', change })
  const answer = await query(sandbox, 'image_generate', await makeImage(sandbox))
  expect(answer).toMatchObject({ status: 500, body: { msg: expect.stringContaining('no such field') } })
})

test('ids can be told wrongly while the work is there under its true ones', async () => {
  sandbox.script(
    'submit',
    { kind: 'ids', change: (ids) => ids.slice(1) },
    { kind: 'ids', change: () => [7, null] },
  )
  const { body } = await submit()
  expect(body.data.task_ids).toEqual(sandbox.submissions[0]?.taskIds.slice(1))
  expect((await submit()).body.data.task_ids).toEqual([7, null])
  expect(sandbox.submissions[1]?.taskIds).toHaveLength(2)
})

test('a query can be told differently', async () => {
  const id = await makeImage(sandbox)
  sandbox.script('query', {
    kind: 'observe',
    change: (data) => ({ ...data, status: 'DREAMING', image_url: '' }),
  })
  expect((await query(sandbox, 'image_generate', id)).body.data).toMatchObject({
    task_id: id,
    status: 'DREAMING',
    image_url: '',
  })
  expect((await query(sandbox, 'image_generate', id)).body.data.status).toBe('SUCCEEDED')
})

test('a truncated answer promises more than it sends, and the work is there', async () => {
  sandbox.script('submit', { kind: 'truncate' })
  const answer = await fetch(`${sandbox.baseUrl}/image_generate`, {
    method: 'POST',
    headers,
    body: '{"prompt":"p"}',
  })
  expect(answer.status).toBe(200)
  await expect(answer.text()).rejects.toThrow('terminated')
  expect(sandbox.submissions).toHaveLength(1)
})

test('a huge answer has exactly the bytes that were asked for', async () => {
  const id = await makeImage(sandbox)
  sandbox.script('query', { kind: 'huge', bytes: 3_000_000 })
  const answer = await fetch(`${sandbox.baseUrl}/image_generate/${id}`, { headers })
  const text = await answer.text()
  expect(text).toHaveLength(3_000_000)
  expect(JSON.parse(text).code).toBe(0)
})

test('whoever hangs up on a huge answer does not disturb the next one', async () => {
  const id = await makeImage(sandbox)
  sandbox.script('query', { kind: 'huge', bytes: 500_000_000 })
  const leaving = new AbortController()
  const answer = await fetch(`${sandbox.baseUrl}/image_generate/${id}`, { headers, signal: leaving.signal })
  leaving.abort()
  await expect(answer.text()).rejects.toThrow()
  expect((await query(sandbox, 'image_generate', id)).body.code).toBe(0)
})
