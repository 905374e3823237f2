// How long a client is kept waiting, what it hears meanwhile, and how an answer fails after its headers are out.
import { onTestFinished, expect, test } from 'vitest'
import { manualClock } from '../../../support/clock.ts'
import { quickYaml, startGateway, until } from '../../../support/gateway.ts'
import { ordered, ordersOf } from './pictures.ts'

const prompt = 'a heron'

/** Time stands still but for what the test makes of it. */
async function scene(waitFor: string) {
  const clock = manualClock()
  const gateway = await startGateway({
    clock,
    yaml: `${quickYaml}surfaces: { openai: { wait_for: ${waitFor} } }`,
  })
  onTestFinished(() => gateway.stop())
  gateway.sandbox.freeze('all')
  const customer = await gateway.customer(1_000)
  const cutting = new AbortController()
  onTestFinished(() => cutting.abort())
  const send = async (fields: object = {}, headers: Record<string, string> = {}) =>
    await fetch(`${gateway.url}/v1/images/generations`, {
      method: 'POST',
      signal: cutting.signal,
      headers: { authorization: `Bearer ${customer.key}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ model: 'gpt-image-2', prompt, response_format: 'url', ...fields }),
    })
  /** Turns the clock in steps until something has happened, as a loop may need several. */
  const passUntil = async <Result>(promise: Promise<Result>, stepMs: number): Promise<Result> => {
    let isDone = false
    const done = () => (isDone = true)
    promise.then(done, done)
    await until(
      () => {
        if (!isDone) clock.advance(stepMs)
        return isDone
      },
      (is) => is,
    )
    return await promise
  }
  const orderedOnce = async () => {
    const waiting = ordered(gateway, prompt)
    await passUntil(waiting, 100)
  }
  const finish = (status: 'SUCCEEDED' | 'FAILED') => {
    for (const { taskIds } of ordersOf(gateway, prompt))
      for (const id of taskIds) gateway.sandbox.finish(id, status)
  }
  return { gateway, customer, clock, send, passUntil, orderedOnce, finish }
}

const proxied = { 'x-forwarded-for': '192.0.2.1' }

test.each([
  ['4m, before fetch in Node gives up', {}, 240_000],
  ['50s behind a proxy, before that gives up', proxied, 50_000],
])('headers come after %s, and white space until the JSON', async (_when, headers, heldMs) => {
  const { clock, send, passUntil, orderedOnce, finish } = await scene('10m')
  const beganAt = clock.monotonic()
  const sent = send({}, headers)
  await orderedOnce()
  const answer = await passUntil(sent, 1_000)
  expect(answer.status).toBe(200)
  expect(clock.monotonic() - beganAt).toBeGreaterThanOrEqual(heldMs)
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (!reader) throw new Error('no body')
  for (let heard = 0; heard < 3; heard += 1)
    expect((await passUntil(reader.read(), 1_000)).value?.trim()).toBe('')
  finish('SUCCEEDED')
  let text = ''
  for (;;) {
    const { done, value } = await passUntil(reader.read(), 100)
    if (done) break
    text += value
  }
  expect(JSON.parse(text).data).toHaveLength(1)
})

test('a failure after the headers breaks the answer off with its reason, and a retry gets its status', async () => {
  const { send, passUntil, orderedOnce, finish, gateway } = await scene('10m')
  const sent = send({}, proxied)
  await orderedOnce()
  const answer = await passUntil(sent, 1_000)
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (!reader) throw new Error('no body')
  finish('FAILED')
  let text = ''
  const readAll = async () => {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      text += value
    }
  }
  await expect(passUntil(readAll(), 100)).rejects.toThrow('terminated')
  expect(JSON.parse(text).error.type).toBe('image_generation_user_error')
  const retry = await passUntil(send({}, { 'x-stainless-retry-count': '1' }), 100)
  expect([retry.status, retry.headers.get('x-should-retry')]).toEqual([400, 'false'])
  expect(ordersOf(gateway, prompt)).toHaveLength(1)
})

test('at the bound it is 503 to be sent again, which takes up the order', async () => {
  const { send, passUntil, orderedOnce, finish, gateway, customer } = await scene('30s')
  const sent = send()
  await orderedOnce()
  const answer = await passUntil(sent, 1_000)
  expect(answer.status).toBe(503)
  expect([answer.headers.get('x-should-retry'), answer.headers.get('retry-after')]).toEqual(['true', '2'])
  expect(((await answer.json()) as any).error.code).toBe('unavailable')
  const retry = send({}, { 'x-stainless-retry-count': '1' })
  finish('SUCCEEDED')
  expect((await passUntil(retry, 100)).status).toBe(200)
  expect([ordersOf(gateway, prompt).length, await customer.balance()]).toEqual([1, 985])
})

test('a stream says that it waits, then sends one event for each picture and ends', async () => {
  const { send, passUntil, orderedOnce, finish } = await scene('10m')
  const sent = send({ stream: true, n: 2, partial_images: 2 })
  await orderedOnce()
  const answer = await passUntil(sent, 100)
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  const text = answer.text()
  finish('SUCCEEDED')
  const [, ...events] = (await passUntil(text, 100))
    .split('\n\n')
    .filter((event) => event !== '' && event !== ': waiting')
    .toSpliced(0, 0, '')
  expect(events.map((event) => event.split('\n')[0])).toEqual([
    'event: image_generation.completed',
    'event: image_generation.completed',
  ])
  const data = JSON.parse(events[0]?.split('\ndata: ')[1] ?? '')
  expect(data).toMatchObject({ type: 'image_generation.completed', output_format: 'png' })
  expect(Buffer.from(data.b64_json, 'base64').subarray(1, 4).toString()).toBe('PNG')
})

test('a stream of which nothing was made ends with an error event', async () => {
  const { send, passUntil, orderedOnce, finish } = await scene('10m')
  const sent = send({ stream: true })
  await orderedOnce()
  const text = (await passUntil(sent, 100)).text()
  finish('FAILED')
  const last = (await passUntil(text, 100)).trim().split('\n\n').at(-1) ?? ''
  expect(last).toMatch(/^event: error\ndata: /)
  expect(JSON.parse(last.split('\ndata: ')[1] ?? '').error.type).toBe('image_generation_user_error')
})

test('a stream that is refused has the status of its refusal', async () => {
  const { send } = await scene('10m')
  expect((await send({ stream: true, mask: 'x' })).status).toBe(400)
})
