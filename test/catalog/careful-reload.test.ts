// What a reload never does by itself: sell the built-in catalogue in place of the file's, or take away most of the models.
import { rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { modeOf } from '../../src/app/upstreams.ts'
import { createLiveCatalog } from '../../src/catalog/live.ts'
import { loadConfig } from '../../src/config/config.ts'
import { untilWritten } from '../../src/config/file/whole-file.ts'
import { directoryWith, problemsOf } from '../config/workspace.ts'

const model = (id: string) => `
  ${id}:
    name: Model ${id}
    capability: text to image
    price: { credits: 77 }
    routes: [{ upstream: keevx, operation: image_generate, params: { module: std } }]`
const models = (...ids: string[]) => `models:${ids.map(model).join('')}\n`

function open(text: string) {
  const cwd = directoryWith({ 'tollgate.yaml': text })
  const config = loadConfig({ cwd, env: { KEEVX_API_KEY: 'k' } })
  const live = createLiveCatalog(config, modeOf(config))
  return { cwd, file: join(cwd, 'tollgate.yaml'), live, ids: () => live.current.models.map(({ id }) => id) }
}

test.each<[string, (file: string) => void]>([
  ['was emptied', (file) => truncateSync(file)],
  ['holds comments alone', (file) => writeFileSync(file, '# models:\n#   painter: {}\n')],
  ['has an empty section', (file) => writeFileSync(file, 'models:\n')],
  ['has a section with comments alone', (file) => writeFileSync(file, 'models:\n  # none today\n')],
  ['speaks of other things alone', (file) => writeFileSync(file, 'limits: { tasks_in_flight: 5 }\n')],
  ['is gone', (file) => rmSync(file)],
])('a file with models that %s leaves its models on sale, whoever asks', (_name, change) => {
  const { cwd, file, live, ids } = open(models('a', 'b'))
  const { version } = live
  change(file)
  for (const by of ['watcher', 'operator'] as const) {
    expect(problemsOf(cwd, () => live.reload(by))).toHaveLength(1)
    expect([ids(), live.version]).toEqual([['a', 'b'], version])
  }
})

test('once a file has named models, it is no more the built-in catalogue that a reload may bring', () => {
  const { cwd, file, live, ids } = open('# nothing yet\n')
  expect(ids()).toContain('gpt-image-2')
  writeFileSync(file, models('a', 'b'))
  live.reload('operator')
  writeFileSync(file, '# nothing any more\n')
  expect(problemsOf(cwd, () => live.reload('operator'))).toEqual([
    expect.stringContaining('tollgate.yaml: names no models any more'),
  ])
  expect(ids()).toEqual(['a', 'b'])
})

test('a file that changed by itself takes away half of the models at most; an operator may ask for more', () => {
  const { cwd, file, live, ids } = open(models('a', 'b', 'c', 'd', 'e'))
  writeFileSync(file, models('a', 'b', 'x', 'y', 'z'))
  expect(problemsOf(cwd, () => live.reload('watcher'))).toEqual([
    expect.stringMatching(/^models: 3 of 5 would be sold no more: c, d, e\. .*\/admin\/v1\/models\/reload/),
  ])
  expect(ids()).toEqual(['a', 'b', 'c', 'd', 'e'])
  live.reload('operator')
  expect(ids()).toEqual(['a', 'b', 'x', 'y', 'z'])
  writeFileSync(file, models('a', 'b', 'x'))
  live.reload('watcher')
  expect(ids()).toEqual(['a', 'b', 'x'])
})

test('the built-in catalogue gives way to that of a file, however small, without being asked', () => {
  const { file, live, ids } = open('# nothing yet\n')
  writeFileSync(file, models('gpt-image-2'))
  live.reload('watcher')
  expect(ids()).toEqual(['gpt-image-2'])
})

test('a file that is being written is waited for, until its size is the same twice', async () => {
  const cwd = directoryWith({ 'tollgate.yaml': '' })
  const file = join(cwd, 'tollgate.yaml')
  let steps = 0
  const writing = setInterval(() => {
    steps += 1
    writeFileSync(file, 'x'.repeat(steps))
    if (steps === 8) clearInterval(writing)
  }, 100)
  await untilWritten(file)
  expect(steps).toBe(8)
  await untilWritten(join(cwd, 'not-there'))
})

test('a line about the built-in catalogue that is lost takes no models away by itself', () => {
  const { cwd, file, live, ids } = open('catalog: keevx\n')
  expect(ids()).toContain('keevx-kl')
  writeFileSync(file, '')
  expect(problemsOf(cwd, () => live.reload('watcher'))).toEqual([
    expect.stringMatching(/^models: 5 of 8 would be sold no more: keevx-image-std, /),
  ])
  expect(live.reload('operator').ignored).toEqual([])
  expect(ids()).toEqual(['seedance-2', 'gpt-image-2', 'nano-banana-2'])
  writeFileSync(file, 'catalog: keevx\n')
  live.reload('watcher')
  expect(ids()).toHaveLength(8)
})

test('a plan that names a model of the other catalogue says which line brings it', () => {
  const { cwd, file, live } = open('')
  writeFileSync(file, 'plans: { vip: { hide: [keevx-s] } }\n')
  expect(problemsOf(cwd, () => live.reload('operator'))[0]).toContain(
    'plans.vip.hide[0]: no model is called keevx-s; catalog: keevx in tollgate.yaml brings it',
  )
})
