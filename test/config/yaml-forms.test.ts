// What YAML offers for saying things once: anchors, merge keys and top-level keys x-…, within bounds.
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { directoryWith, problemsOf } from './workspace.ts'

const load = (yaml: string) => loadConfig({ env: {}, cwd: directoryWith({ 'tollgate.yaml': yaml }) })

function complaints(yaml: string): string[] {
  const cwd = directoryWith({ 'tollgate.yaml': yaml })
  return problemsOf(cwd, () => loadConfig({ env: {}, cwd }))
}

test('a map merges others, the first that says something wins, and what it says itself wins over all', () => {
  const { upstreams } = load(`
x-slow: &slow { poll_every: 1m, give_up_after: 2h }
x-quick: &quick { poll_every: 1s }
upstreams:
  keevx:
    image: { <<: *slow, poll_every: 20s }
    video: { <<: [*quick, *slow] }
`)
  expect(upstreams['keevx']?.image).toEqual({ pollEveryMs: 20_000, giveUpAfterMs: 7_200_000 })
  expect(upstreams['keevx']?.video).toEqual({ pollEveryMs: 1_000, giveUpAfterMs: 7_200_000 })
})

test('an anchor may be used for as many models as there are', () => {
  const model = (id: number) =>
    `  m${id}: { name: M, price: { credits: 1 }, routes: *routes, defaults: { <<: *defaults } }\n`
  const { models } = load(`
x-routes: &routes [{ upstream: keevx, operation: image_generate, params: { module: std } }]
x-defaults: &defaults { resolution: 1K }
models:
${Array.from({ length: 300 }, (_, id) => model(id)).join('')}`)
  expect(Object.values(models ?? {})).toHaveLength(300)
  expect(models?.['m299']).toMatchObject({
    defaults: { resolution: '1K' },
    routes: [{ params: { module: 'std' } }],
  })
})

test('keys x-… are taken at the top alone, whatever they hold', () => {
  expect(
    load('x-note: { any: [thing] }\nx-: 1\nlimits: { tasks_in_flight: 3 }'.replaceAll('\\n', '\n')).limits
      .tasksInFlight,
  ).toBe(3)
  expect(complaints('limits: { x-note: 1 }')).toEqual([expect.stringMatching(/limits\.x-note: unknown key/)])
})

test('what is wrong in a merged map is placed where it stands', () => {
  const yaml = 'x-track: &track\n  poll_every: soon\nupstreams:\n  keevx:\n    image:\n      <<: *track\n'
  expect(complaints(yaml)).toEqual([
    expect.stringMatching(/^tollgate\.yaml:2:15 upstreams\.keevx\.image\.poll_every: .*not "soon"/),
  ])
})

const chain = (form: (n: number) => string) =>
  ['k0: &k0 { a: 1 }', ...Array.from({ length: 7 }, (_, n) => `k${n + 1}: &k${n + 1} ${form(n)}`)].join('\n')

test.each([
  ['merges that multiply', chain((n) => `{ <<: [${`*k${n},`.repeat(9)}] }`)],
  ['aliases that multiply', chain((n) => `[${`*k${n},`.repeat(9)}]`)],
  ['a map that merges itself', 'a: &a { <<: *a }'],
  ['a merge of what is no map', 'x-a: &a 5\nlimits: { <<: *a }'],
  ['a merge of nothing', 'limits: { <<: *nothing }'],
])('%s is refused, and soon', (_name, yaml) => {
  expect(complaints(yaml)).toEqual([expect.stringMatching(/alias .*that cannot be resolved/)])
})

test.each([
  ['limits:\n  tasks_in_flight: *nothing', '2:20'],
  ['x-a: &a 5\nlimits: { <<: *a }', '2:15'],
  ['x-a: &a {}\nlimits:\n  <<: [*a, *b]', '3:12'],
])('%j: the place of what cannot be resolved is told', (yaml, place) => {
  expect(complaints(yaml)).toEqual([expect.stringContaining(`tollgate.yaml:${place} holds an alias`)])
})
