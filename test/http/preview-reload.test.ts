// What a reload of tollgate.yaml would change is shown before it is done, and refused where the reload would be.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quickYaml, startGateway } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'

const model = (name: string, credits: number) => `
  ${name}:
    name: Heron
    capability: text to image
    price: { credits: ${credits} }
    routes: [{ upstream: keevx, operation: image_generate, params: { module: pro } }]`
const yaml = (models: string, rest = '') => `${quickYaml}\nmodels:${models}\n${rest}`
let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ yaml: yaml(model('heron', 3) + model('egret', 4) + model('stork', 5)) })
})
afterAll(async () => await gateway.stop())

const write = (text: string) => writeFileSync(join(gateway.folder, 'tollgate.yaml'), text)
const preview = async () => await gateway.operator('GET', '/models/reload')

test('prices, models that come and go, and plans are named; nothing changes before the reload', async () => {
  expect((await preview()).json.data).toMatchObject({ models: [], sections: [] })
  write(
    yaml(
      model('heron', 3) + model('egret', 9) + model('crane', 6),
      'plans: { gold: { price_times: { "*": 0.5 } } }',
    ),
  )
  const { data } = (await preview()).json
  expect(data.sections).toEqual(['plans'])
  expect(data.models).toEqual([
    {
      model_id: 'egret',
      change: 'changed',
      before: expect.objectContaining({ en: '4 credits an image' }),
      after: expect.objectContaining({ en: '9 credits an image' }),
    },
    expect.objectContaining({ model_id: 'stork', change: 'removed', after: null }),
    expect.objectContaining({ model_id: 'crane', change: 'added', before: null }),
  ])
  const sold = (await gateway.operator('GET', '/models')).json.data.models
  expect(sold.map(({ id }: { id: string }) => id)).toEqual(['heron', 'egret', 'stork'])
  expect((await gateway.operator('GET', '/audit')).json.data.acts).toEqual([])
  expect((await gateway.operator('POST', '/models/reload')).status).toBe(200)
  expect((await preview()).json.data).toMatchObject({ models: [], sections: [] })
})

test('a wrong file is refused with the line, and nothing changes', async () => {
  write(yaml(model('heron', -3)))
  const { status, json } = await preview()
  expect(status).toBe(422)
  expect(json.msg).toMatch(/tollgate\.yaml:\d+:\d+ models\.heron\.price\.credits/)
  expect((await gateway.operator('GET', '/models')).json.data.models).toHaveLength(3)
})
