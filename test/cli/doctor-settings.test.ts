// The doctor warns of settings that lose money, tell nobody, or name the upstream to customers; and of models that an upgrade took away.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { modeOf } from '../../src/app/upstreams.ts'
import { createLiveCatalog } from '../../src/catalog/live.ts'
import { upstreamInSight } from '../../src/setup/upstream-in-sight.ts'
import { loadConfig } from '../../src/config/config.ts'
import { storeAt } from '../../src/db/store-at.ts'
import { cleanUpAfterwards, newFolder, serving, succeeded, tollgate } from './command.ts'

cleanUpAfterwards()

const withYaml = (yaml: string): string => {
  const folder = newFolder()
  writeFileSync(join(folder, 'tollgate.yaml'), yaml)
  return folder
}
const model = (cost: number) => `
  painter:
    name: Painter
    price: { credits: 15 }
    routes: [{ upstream: keevx, operation: image_generate, params: { module: std }, cost: { amount: ${cost} } }]
`
const receiver = '{ type: slack, url_env: NIGHT_URL }'

async function findings(yaml: string, env: Record<string, string> = {}) {
  const { code, json } = await tollgate(withYaml(yaml), ['doctor', '--json'], { env })
  const of = (check: string) =>
    json.findings.filter((found: any) => found.check === check).map(({ state, words }: any) => [state, words])
  return { code, of }
}

test('a price below its cost and an alert that nobody hears are warnings; both mended are none', async () => {
  const losing = await findings(`reporting: { currency: USD, credit_value: 0.01 }\nmodels:${model(0.2)}`)
  expect(losing.of('prices')).toEqual([
    [
      'warning',
      'models.painter.routes[0]: an output sells for 15 credits, which is 0.15 USD, and costs 0.2 USD',
    ],
  ])
  expect(losing.of('alerts')).toEqual([
    ['warning', 'nobody is told when something is wrong; see alerts.receivers'],
  ])
  expect(losing.code).toBe(0)
  const alerts = `alerts: { receivers: { night: ${receiver} } }\n`
  const mended = `reporting: { credit_value: 0.01 }\n${alerts}models:${model(0.1)}`
  const sound = await findings(mended, { NIGHT_URL: 'https://hooks.slack.com/services/T/B/x' })
  expect([sound.code, sound.of('prices')]).toEqual([0, []])
  expect(sound.of('alerts')).toEqual([['ok', '1 receivers; tollgate alerts test tries them']])
})

test('a receiver without its secret is wrong, and costs without the value of a credit are a warning', async () => {
  const yaml = `alerts: { receivers: { night: ${receiver} } }\nmodels:${model(0.1)}`
  const { code, of } = await findings(yaml)
  expect([code, of('alerts')]).toEqual([
    1,
    [['wrong', 'cannot be told, because their secret is not there: night (url_env)']],
  ])
  expect(of('prices')).toEqual([
    [
      'warning',
      'routes have a cost, but reporting.credit_value does not say what a credit sells for: no margin can be reported',
    ],
  ])
})

test('where customers could read the upstream’s name or hosts is told', () => {
  const inSight = (yaml: string, env: Record<string, string> = {}) => {
    const config = loadConfig({ cwd: withYaml(yaml), env })
    return upstreamInSight(config, createLiveCatalog(config, modeOf(config)).current)
  }
  const hidden = { PUBLIC_URL: 'https://api.shop.example' }
  expect(inSight('surfaces: { keevx: false }', hidden)).toEqual([])
  expect(inSight('surfaces: { keevx: false }')).toEqual([
    "results are passed on with URLs of the upstream's hosts, because PUBLIC_URL is not set",
    "pictures that customers upload get URLs of the upstream's hosts: see media.uploads and PUBLIC_URL",
  ])
  const named = `
catalog: keevx
upstreams: { site: { adapter: openapi, base_url: "https://api.heron-ai.example/v1" } }
media: { store: none, uploads: upstream }
brand:
  name: { en: Shop, zh: KeevX 商店 }
  footer: Made with heron-ai
  links: [{ text: Terms, url: "https://keevx.com/terms" }]
`
  expect(inSight(named, { PUBLIC_URL: 'https://keevx.shop.example' })).toEqual([
    'models name the upstream: keevx-image-std (id, name), keevx-image-pro (id, name), keevx-v (id, name), keevx-kl (id, name), keevx-s (id, name)',
    'brand.name names the upstream',
    'brand.footer names the upstream',
    'brand.links[0].url names the upstream',
    'PUBLIC_URL names the upstream',
    "results are passed on with URLs of the upstream's hosts, because media.store is none",
    "pictures that customers upload get URLs of the upstream's hosts: see media.uploads and PUBLIC_URL",
    "Keevx's own API is answered at /keevx/v1 and stands in /openapi.json; surfaces: { keevx: false } closes it",
  ])
})

test('an upgrade that takes models away says which, and the line that brings them back', async () => {
  const folder = withYaml('catalog: keevx\n')
  mkdirSync(join(folder, 'data'))
  const store = await storeAt(`file:${join(folder, 'data/tollgate.db')}`).open({ onFatal: () => undefined })
  await store.close()
  const { id } = await succeeded(folder, ['accounts', 'create', 'Old customer'])
  await succeeded(folder, ['keys', 'create', id, '--models', 'keevx-kl,gpt-image-2'])
  rmSync(join(folder, 'tollgate.yaml'))
  const told =
    /keevx-kl: this store has sold or allowed them.* tollgate\.yaml brings them back: catalog: keevx/
  const { json } = await tollgate(folder, ['doctor', '--json'])
  expect(json.findings.find(({ check }: any) => check === 'models')).toMatchObject({
    state: 'warning',
    words: expect.stringMatching(told),
  })
  const gateway = await serving(folder, ['serve', '--sandbox'])
  expect(gateway.stderr()).toMatch(told)
  gateway.kill('SIGTERM')
  expect((await gateway.ended).stdout).toMatch(told)
})
