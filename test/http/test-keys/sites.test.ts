// Models that lead to another site of the tasks API are made by the sandbox too, and the site hears nothing.
import { onTestFinished, expect, test } from 'vitest'
import { quickYaml, startGateway } from '../../support/gateway.ts'
import { testCustomer } from './test-customer.ts'

test('an order with a test key of a model that a site makes', async () => {
  const site = await startGateway()
  onTestFinished(async () => await site.stop())
  const { key, create } = await site.customer(1_000)
  const gateway = await startGateway({
    env: { SITE_KEY: key },
    yaml: `${quickYaml.replace(
      'upstreams:',
      `upstreams:
  site: { adapter: openapi, base_url: "${site.url}/api/v1", api_key_env: SITE_KEY, image: { poll_every: 30ms }, video: { poll_every: 30ms } }`,
    )}
models:
  heron: { name: Heron, price: { credits: 3 }, defaults: { aspect_ratio: "16:9", resolution: 2K }, routes: [{ upstream: site, operation: create, params: { model_id: gpt-image-2 } }] }
  film: { name: Film, price: { per_second: 2 }, defaults: { aspect_ratio: "16:9", resolution: 720p, duration: 4, generate_audio: false }, routes: [{ upstream: site, operation: create, params: { model_id: keevx-v } }] }
`,
  })
  onTestFinished(async () => await gateway.stop())
  const { accountId } = await gateway.customer(0)
  const play = await testCustomer(gateway, accountId)
  const made = async (body: object) => await play.ended((await play.create(body)).json.data.task_id)
  expect(await made({ model_id: 'heron', prompt: 'a heron' })).toMatchObject({
    task_status: 3,
    image_url: expect.stringContaining('/test/media/'),
  })
  expect(await made({ model_id: 'film', prompt: 'a heron flies' })).toMatchObject({
    task_status: 3,
    video_url: expect.stringContaining('/test/media/'),
  })
  expect(await made({ model_id: 'film', prompt: 'fail' })).toMatchObject({
    task_status: 4,
    credits_refunded: 8,
  })
  expect(await made({ model_id: 'heron', prompt: 'lost' })).toMatchObject({
    task_status: 4,
    credits_refunded: 3,
  })
  expect((await site.operator('GET', '/tasks')).json.data.tasks).toEqual([])
  expect((await create({ model_id: 'gpt-image-2', prompt: 'the site works' })).json.code).toBe(200)
})
