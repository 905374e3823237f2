// tollgate.example.yaml: copied as it stands it changes nothing, switched on it is right, and no key is missing in it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { modeOf } from '../../src/app/upstreams.ts'
import { createLiveCatalog } from '../../src/catalog/live.ts'
import { loadConfig } from '../../src/config/config.ts'
import { fileSchema } from '../../src/config/file/schema.ts'
import { shownConfig } from '../../src/config/shown.ts'
import { root } from '../tidy/tree.ts'
import { directoryWith } from './workspace.ts'

const example = readFileSync(join(root, 'tollgate.example.yaml'), 'utf8')
/** With every setting that is switched off in it. */
const everything = example.replaceAll(/^( *)#(?=[^ \n])/gm, '$1')

const load = (yaml: string, env: NodeJS.ProcessEnv = {}) =>
  loadConfig({
    env,
    cwd: directoryWith({
      'tollgate.yaml': yaml,
      'logo.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
      third_keevx_key: 'kx-3',
      third_keevx_key_before: 'kx-2',
      telegram_token: '110201543:example',
      bark_device: 'example',
      discord_url: 'https://discord.com/api/webhooks/1/example',
      alerts_secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=',
    }),
  })

/** Every rule of the alerts has one, and one of them shows it. */
const isShownOnce = ([section, , rule, key]: Path): boolean =>
  section === 'alerts' && key === 'to' && rule !== 'keys_resting'

test('copied as it stands, it changes nothing', () => {
  const cwd = directoryWith({ 'tollgate.yaml': example, 'empty.yaml': '' })
  const copied = loadConfig({ env: {}, cwd })
  const bare = loadConfig({ env: { TOLLGATE_CONFIG: 'empty.yaml' }, cwd })
  expect(copied).toEqual({ ...bare, configFile: copied.configFile, configPlace: copied.configPlace })
})

test('with everything switched on it is a configuration that can be sold', () => {
  const yaml = everything.replaceAll('secrets/', '').replace('store: disk', 'store: s3')
  const config = load(yaml, { SECOND_KEEVX_KEY: 'kx-2', SITE_KEY: 'sk-site' })
  expect(Object.entries(config.upstreams).map(([name, { keys }]) => [name, keys])).toEqual([
    ['keevx', []],
    ['second', ['kx-2']],
    ['third', ['kx-3']],
    ['site', ['sk-site']],
    ['fourth', ['kx-0123456789abcdef']],
  ])
  const { models } = createLiveCatalog(config, modeOf(config)).current
  expect(models.map(({ id, capability }) => [id, capability])).toEqual([
    ['gpt-image-2', 'text / image to image'],
    ['seedance-2', 'text / image to video'],
  ])
  expect(models[1]?.price.text.en).toContain('×1.3 with sound')
})

test('every key of the schema stands in it', () => {
  const missing = keysOf(fileSchema).filter(
    (path) => !isShownOnce(path) && !holds(parse(everything, { merge: true }), path),
  )
  expect(missing).toEqual([])
  expect(keysOf(fileSchema)).toContainEqual(['models', '*', 'price', 'times', 'generate_audio'])
  expect(holds(parse(everything, { merge: true }), ['limits', 'no_such_key'])).toBe(false)
})

/** Other ways to give what is shown under its own name. */
const elsewhere = /_(?:env|file)$/

test('every key of the schema is shown as it is in force', () => {
  const yaml = everything.replaceAll('secrets/', '').replace('store: disk', 'store: s3')
  const shown = shownConfig(load(yaml, { SECOND_KEEVX_KEY: 'kx-2', SITE_KEY: 'sk-site' }))
  const missing = keysOf(fileSchema).filter(
    (path) => !elsewhere.test(path.at(-1) ?? '') && !isShownOnce(path) && !holds(shown, path),
  )
  expect(missing).toEqual([])
})

type Path = readonly string[]

/** Every path that the schema knows, with `*` for names and numbers of the operator's own. */
function keysOf(schema: any, path: Path = []): Path[] {
  const { type, ...def } = schema.def
  if (type === 'object') {
    return Object.entries(def.shape).flatMap(([key, inner]) => [
      [...path, key],
      ...keysOf(inner, [...path, key]),
    ])
  }
  if (type === 'record') return keysOf(def.valueType, [...path, '*'])
  if (type === 'array') return keysOf(def.element, [...path, '*'])
  return [def.innerType, def.in, def.out].filter(Boolean).flatMap((inner) => keysOf(inner, path))
}

function holds(value: any, [first, ...rest]: Path): boolean {
  if (first === undefined) return true
  if (typeof value !== 'object' || value === null) return false
  if (first === '*') return Object.values(value).some((inner) => holds(inner, rest))
  return first in value && holds(value[first], rest)
}
