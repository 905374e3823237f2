// A picture goes to the upstream that the order is routed to, with the key of that one and of no other.
import { expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { reply, standIn } from '../upstream/stand-in.ts'

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

const upstream = (name: string) =>
  standIn((response, { path }) =>
    path.endsWith('/upload/file')
      ? reply(response, 200, { code: 0, success: true, result: { url: `https://${name}.example/up.png` } })
      : reply(response, 200, { code: 0, msg: 'ok', data: { task_ids: [`i2is-${name}`] } }),
  )

test('uploads and orders follow the route, each with its own key', async () => {
  const [first, second] = [await upstream('first'), await upstream('second')]
  const model = (name: string) =>
    `{ name: M, capability: c, price: { credits: 1 }, routes: [{ upstream: ${name}, operation: image_generate, params: { module: pro } }] }`
  const gateway = await startGateway({
    upstreamUrl: `${first.url}/v1`,
    yaml: `
upstreams:
  keevx: { base_url: "${first.url}/v1" }
  second: { base_url: "${second.url}/v1", api_key: second-key }
models: { there: ${model('second')}, here: ${model('keevx')} }
limits: { requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off }
`,
  })
  onTestFinished(() => gateway.stop())
  const customer = await gateway.customer(100)
  const image_urls = [`data:image/png;base64,${png}`]
  for (const model_id of ['there', 'here']) {
    const created = await customer.create({ model_id, prompt: 'a heron', image_urls })
    expect(created.json).toMatchObject({ code: 200 })
  }
  const form = new FormData()
  form.set('file', new Blob([Buffer.from(png, 'base64')]), 'a.png')
  const headers = { authorization: `Bearer ${customer.key}` }
  const uploaded = await fetch(`${gateway.url}/api/v1/files`, { method: 'POST', headers, body: form })
  // No order yet, so it goes where the first model of the catalogue leads.
  expect(await uploaded.json()).toMatchObject({ data: { url: 'https://second.example/up.png' } })

  await expect.poll(() => second.asked.length + first.asked.length).toBeGreaterThanOrEqual(5)
  const keysAt = ({ asked }: typeof first) => [
    ...new Set(asked.map(({ headers: sent }) => sent.authorization)),
  ]
  expect(keysAt(first)).toEqual(['Bearer upstream-key'])
  expect(keysAt(second)).toEqual(['Bearer second-key'])
  const uploads = ({ asked }: typeof first) =>
    asked.filter(({ path }) => path.endsWith('/upload/file')).length
  expect([uploads(first), uploads(second)]).toEqual([1, 2])
})
