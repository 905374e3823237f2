// tollgate.yaml: what it leaves out has defaults, and each mistake is told with its place.
import { expect, test } from 'vitest'

import { loadConfig } from '../../src/config/config.ts'
import { locateIn } from '../../src/config/file/parse.ts'
import { brandless } from '../../src/config/brand.ts'
import { loadOffer } from '../../src/config/file/reread.ts'
import { directoryWith, problemsOf } from './workspace.ts'

const written = `upstreams:
  keevx:
    adapter: keevx
    base_url: https://api.keevx.com/v1
    source: skill                 # Keevx's \`source\` header
    submit: { queue_for: 30m, timeout: 30s, attempts: 3, after_429: 30s, after_5xx: 10s, ambiguous: retry, in_flight: auto }
    image: { poll_every: 10s, give_up_after: 20m }
    video: { poll_every: 30s, give_up_after: 40m }
media: { store: disk, retention: 30d, max_bytes: 2GB, uploads: ours, uploads_retention: 7d, uploads_max_files: 5000, uploads_max_bytes: 5GB }
webhooks: { timeout: 15s, schedule: [5s, 5m, 30m, 2h, 5h, 10h, 14h, 20h] }
network: { allow_hosts: [], trusted_proxies: [], cors_origins: [] }
limits: { requests_per_minute: 600, tasks_in_flight: 100, unauthenticated_per_minute: 60 }
`

function load(yaml: string, env: NodeJS.ProcessEnv = {}) {
  return loadConfig({ env, cwd: directoryWith({ 'tollgate.yaml': yaml }) })
}

function complaints(yaml: string): string[] {
  const cwd = directoryWith({ 'tollgate.yaml': yaml })
  return problemsOf(cwd, () => loadConfig({ env: {}, cwd }))
}

test('what the documented file says is what holds without a file', () => {
  const { configFile, configPlace, ...config } = load(written)
  expect(configFile).toMatch(/\/tollgate\.yaml$/)
  expect(configPlace).toBe(configFile)
  const bare = loadConfig({ env: { DATA_DIR: config.dataDir }, cwd: directoryWith({}) })
  expect({ ...config, configFile: null, configPlace: bare.configPlace }).toEqual(bare)
  expect(config.upstreams['keevx']).toEqual({
    adapter: 'keevx',
    baseUrl: 'https://api.keevx.com/v1',
    source: 'skill',
    keys: [],
    pollsOnlyKeys: [],
    aliases: [],
    place: 'https://api.keevx.com/v1',
    submit: {
      queueForMs: 1_800_000,
      timeoutMs: 30_000,
      attemptsMax: 3,
      after429Ms: 30_000,
      after5xxMs: 10_000,
      ambiguous: 'retry',
      inFlight: 'auto',
    },
    image: { pollEveryMs: 10_000, giveUpAfterMs: 1_200_000 },
    video: { pollEveryMs: 30_000, giveUpAfterMs: 2_400_000 },
  })
  expect(config.media).toEqual({
    store: 'disk',
    isShared: false,
    retentionMs: 2_592_000_000,
    maxBytes: 2_000_000_000,
    uploads: { keptBy: 'ours', retentionMs: 604_800_000, filesMax: 5_000, bytesMax: 5_000_000_000 },
    s3: null,
  })
})

test.each([[''], ['# nothing yet\n'], ['limits:\nmedia:\n'], ['upstreams:\n  keevx:\n'], ['limits: {}']])(
  'a file that says nothing, %j, changes nothing',
  (yaml) => {
    const cwd = directoryWith({ 'tollgate.yaml': yaml })
    const { configFile: _, ...config } = loadConfig({ env: {}, cwd })
    const bare = loadConfig({ env: { DATA_DIR: config.dataDir }, cwd: directoryWith({}) })
    expect({ ...config, configFile: null, configPlace: bare.configPlace }).toEqual(bare)
  },
)

test.each([
  ['', 600_000],
  ['surfaces:', 600_000],
  ['surfaces: { openai: }', 600_000],
  ['surfaces: { openai: true }', 600_000],
  ['surfaces: { openai: {} }', 600_000],
  ['surfaces: { openai: { wait_for: 90s } }', 90_000],
])('a surface is on unless it is switched off: %j', (yaml, waitForMs) => {
  expect(load(yaml).surfaces).toMatchObject({ openai: { waitForMs }, mcp: true, kie: true, keevx: true })
})

test.each(['openai', 'mcp', 'skill', 'replicate', 'kie', 'keevx'])('false switches %s off', (name) => {
  const { surfaces } = load(`surfaces: { ${name}: false }`)
  expect(Object.entries(surfaces).flatMap(([one, value]) => (value ? [] : [one]))).toEqual([name])
})

test('off lifts a limit, and leaves the others', () => {
  expect(load('limits: { requests_per_minute: off, tasks_in_flight: 5 }').limits).toEqual({
    requestsPerMinute: null,
    tasksInFlight: 5,
    unauthenticatedPerMinute: 60,
  })
})

test('upstreams beside keevx have their own settings, and none of its keys; the environment moves keevx alone', () => {
  const yaml = 'upstreams: { second: { base_url: "https://second.example/v1/", image: { poll_every: 1s } } }'
  const { upstreams } = load(yaml, { KEEVX_API_KEY: 'k', KEEVX_BASE_URL: 'http://localhost:1' })
  expect(Object.keys(upstreams).toSorted()).toEqual(['keevx', 'second'])
  expect(upstreams['keevx']).toMatchObject({ baseUrl: 'http://localhost:1', keys: ['k'] })
  expect(upstreams['second']).toMatchObject({
    baseUrl: 'https://second.example/v1',
    keys: [],
    image: { pollEveryMs: 1_000, giveUpAfterMs: 1_200_000 },
  })
})

test('origins are taken as browsers write them', () => {
  const yaml =
    'network: { cors_origins: ["https://Shop.Example:443", "http://localhost:5173", "https://[::1]:8443", "https://bücher.example", "capacitor://localhost"] }'
  expect(load(yaml).network.corsOrigins).toEqual([
    'https://shop.example',
    'http://localhost:5173',
    'https://[::1]:8443',
    'https://xn--bcher-kva.example',
    'capacitor://localhost',
  ])
})

test('hosts and proxies are taken as names, addresses and ranges', () => {
  const yaml =
    'network: { allow_hosts: [Files.Internal, 10.0.0.5, "[::1]"], trusted_proxies: [10.0.0.0/8, "::1", 127.0.0.1] }'
  expect(load(yaml).network).toEqual({
    allowHosts: ['files.internal', '10.0.0.5', '::1'],
    trustedProxies: ['10.0.0.0/8', '::1', '127.0.0.1'],
    corsOrigins: [],
  })
})

test.each([
  [
    'limits:\n  request_per_minute: 1',
    '2:3 limits.request_per_minute: unknown key; did you mean requests_per_minute?',
  ],
  ['modles: {}', '1:1 modles: unknown key; did you mean models?'],
  ['webhooks:\n  nothing_near:', '2:3 webhooks.nothing_near: unknown key; known here are timeout, schedule'],
  ['webhooks: { timeout: 15 }', /1:22 webhooks\.timeout: .*15 needs a unit/],
  ['webhooks:\n  schedule:\n    - 5s\n    - soon', /4:7 webhooks\.schedule\[1\]: .*not "soon"/],
  ['webhooks: { schedule: [] }', /1:13 webhooks\.schedule: must name at least one pause/],
  ['webhooks: { schedule: 5s }', /1:23 webhooks\.schedule: must be a list/],
  ['media: disk', /1:8 media: must be a section of keys and values, not "disk"/],
  ['- a', /1:1: must be a section/],
  [
    'media: { store: disk, bucket: b }',
    /1:\d+ media\.endpoint: is missing; bucket names a bucket, which needs it/,
  ],
  ['media: { store: dis }', /1:17 media\.store: must be disk, s3 or none, not "dis"/],
  ['media: { max_bytes: 2000 }', /1:21 media\.max_bytes: .*needs a unit/],
  ['media: { uploads: theirs }', /1:19 media\.uploads: /],
  ['media: { uploads_retention: 59m }', /1:29 media\.uploads_retention: must be at least 1h, not "59m"/],
  [
    'media: { uploads_max_files: 0 }',
    /1:29 media\.uploads_max_files: must be a whole number from 1 to 20000/,
  ],
  [
    'limits: { tasks_in_flight: 0 }',
    /1:28 limits\.tasks_in_flight: must be a whole number of at least 1, or off/,
  ],
  ['surfaces: { openai: yes }', /surfaces\.openai: must be/],
  ['surfaces: { mcp: on }', /surfaces\.mcp: must be true or false, not/],
  ['surfaces: { skill: { path: /x } }', /surfaces\.skill: must be true or false/],
  ['surfaces: { opanai: true }', /surfaces\.opanai: unknown key; did you mean openai/],
  [
    'surfaces: { openai: { wait_four: 1s } }',
    /surfaces\.openai\.wait_four: unknown key; did you mean wait_for/,
  ],
  ['limits: { tasks_in_flight: "5" }', /whole number of at least 1, or off, not "5"/],
  ['upstreams: { keevx: { adapter: other } }', /1:32 upstreams\.keevx\.adapter: must be keevx/],
  ['upstreams: { keevx: { base_url: "https://h?x=1" } }', /base_url: must not have a query/],
  [
    'upstreams: { keevx: { submit: { attempts: 2.5 } } }',
    /attempts: must be a whole number from 1 to 10, not 2.5/,
  ],
  [
    'upstreams: { keevx: { image: { poll_every: 1h } } }',
    /keevx\.image: poll_every must not exceed give_up_after/,
  ],
  ['upstreams: { Big One: {} }', /1:14 upstreams\.Big One: must be 1 to 64 lower-case/],
  ['network: { trusted_proxies: [10.0.0.0/33] }', /trusted_proxies\[0\]: must be an IP address or a range/],
  ['network: { trusted_proxies: [127.1] }', /must be an IP address or a range/],
  ['network: { cors_origins: ["*"] }', /cors_origins\[0\]: must name each origin/],
  ['network: { cors_origins: ["https://*.h.example"] }', /cors_origins\[0\]: must be an origin/],
  ['network: { cors_origins: ["https://h.example/"] }', /without a path or a slash at the end/],
  ['network: { cors_origins: ["https://h.example/shop"] }', /must be an origin/],
  ['network: { cors_origins: [h.example] }', /must be an origin/],
  ['network: { cors_origins: ["null"] }', /must be an origin/],
  ['network: { cors_origins: ["https://u:pw@h.example"] }', /^(?!.*pw).*must be an origin/],
  ['network: { cors_origins: ["https://h.example:99999"] }', /must be an origin/],
  ['network: { cors_origins: ["https://h?x"] }', /must be an origin/],
  ['network: { cors_origins: https://h.example }', /cors_origins: must be a list/],
  ['network: { allow_hosts: ["http://h"] }', /allow_hosts\[0\]: must be a host name alone/],
  ['network: { allow_hosts: ["h:80"] }', /allow_hosts\[0\]: must be a host name alone/],
  ['models: {}', /1:1 models: must name at least one model/],
  ['models:', /1:1 models: is empty; name at least one model, or take this line out/],
  ['models:\n  # painter: { price: { credits: 1 } }\nlimits: {}', /1:1 models: is empty/],
  ['models: ~', /1:1 models: is empty/],
  ['limits: { x: 1', /1:15 is not YAML/],
  ['a: 1\na: 2', '2:1 this key was given before'],
  ['a: 1\n---\nb: 1', /must be one document/],
])('%j is refused with its place', (yaml, expected) => {
  const problems = complaints(yaml)
  expect(problems.join('\n')).toMatch(expected)
  expect(problems[0]).toMatch(/^tollgate\.yaml:\d+:\d+/)
})

test('every mistake is told, not just the first', () => {
  const problems = complaints(`
limits: { a: 1, b: 2, tasks_in_flight: x }
media: { store: s3 }
models:
  Bad: {}
  m:
    routes: [{ upstream: kevx, operation: o }]
`)
  expect(problems.map((problem) => problem.split(' ')[1])).toEqual([
    'models.Bad:',
    'models.m.name:',
    'models.m.price:',
    'media.endpoint:',
    'media.bucket:',
    'media.region:',
    'media.access_key_id:',
    'media.secret_access_key:',
    'limits.tasks_in_flight:',
    'limits.a:',
    'limits.b:',
    'models.m.routes[0].upstream:',
  ])
  expect(problems.at(-1)).toBe(
    'tollgate.yaml:7:26 models.m.routes[0].upstream: there is no upstream of this name; did you mean keevx?',
  )
})

test('a file that was named has to be there; the usual one need not', () => {
  const cwd = directoryWith({})
  const missing = ['gone.yaml: cannot be read: there is no such file']
  expect(problemsOf(cwd, () => loadConfig({ env: { TOLLGATE_CONFIG: 'gone.yaml' }, cwd }))).toEqual(missing)
  expect(problemsOf(cwd, () => loadConfig({ env: {}, cwd, configFile: 'gone.yaml' }))).toEqual(missing)
  expect(loadConfig({ env: {}, cwd }).configFile).toBeNull()
})

test('a file that the caller names wins over TOLLGATE_CONFIG, and both over the usual one', () => {
  const files = {
    'tollgate.yaml': '',
    'env.yaml': 'limits: { tasks_in_flight: 2 }',
    'own.yaml': 'limits: { tasks_in_flight: 3 }',
  }
  const cwd = directoryWith(files)
  const env = { TOLLGATE_CONFIG: 'env.yaml' }
  expect(loadConfig({ env, cwd }).limits.tasksInFlight).toBe(2)
  expect(loadConfig({ env, cwd, configFile: 'own.yaml' }).limits.tasksInFlight).toBe(3)
})

const ninefold = (n: number) => `k${n}: &k${n} [${`*k${n - 1},`.repeat(9)}]`

test('aliases work, and those that multiply or hold themselves are refused', () => {
  const yaml = 'upstreams: { keevx: { image: &track { poll_every: 1s }, video: *track } }'
  expect(load(yaml).upstreams['keevx']?.video.pollEveryMs).toBe(1000)
  const bomb = ['k0: &k0 [a]', ...Array.from({ length: 9 }, (_, n) => ninefold(n + 1))].join('\n')
  expect(complaints(bomb).join()).toMatch(/alias .* that cannot be resolved/)
  expect(complaints('a: &a [*a]').join()).toMatch(/alias .* that cannot be resolved/)
})

test('the models of a file can be read alone, whatever else it says', () => {
  const model =
    '{ name: A, capability: c, price: { credits: 1 }, routes: [{ upstream: keevx, operation: o }] }'
  const directory = directoryWith({
    'a.yaml': `limits: nonsense\nmodels: { a: ${model} }`,
    'b.yaml': `models:\n  B: ${model}`,
    'c.yaml': `models: { a: ${model.replace('keevx', 'elsewhere')} }`,
    'none.yaml': 'limits: {}',
  })
  expect(Object.keys(loadOffer(`${directory}/a.yaml`, ['keevx']).models ?? {})).toEqual(['a'])
  const nothing = { models: null, plans: {}, catalog: 'open-api', brand: brandless }
  for (const file of [`${directory}/none.yaml`, null]) expect(loadOffer(file, ['keevx'])).toEqual(nothing)
  expect(problemsOf(directory, () => loadOffer(`${directory}/b.yaml`, ['keevx']))[0]).toMatch(
    /^b\.yaml:2:3 models\.B: /,
  )
  expect(problemsOf(directory, () => loadOffer(`${directory}/c.yaml`, ['keevx']))[0]).toMatch(
    /^c\.yaml:1:\d+ models\.a\.routes\[0\]\.upstream: there is no upstream of this name; known are keevx$/,
  )
  expect(problemsOf(directory, () => loadOffer(`${directory}/a.yaml`, ['other']))[0]).toMatch(
    /upstream: this upstream was not there when the gateway started; start it again$/,
  )
})

test('a place that the file does not hold is told by the nearest that it does', () => {
  const directory = directoryWith({ 'a.yaml': 'models:\n  a:\n    name: A\n' })
  const locate = locateIn(`${directory}/a.yaml`)
  expect(locate(['models', 'a', 'name'])).toBe(`${directory}/a.yaml:3:11 models.a.name`)
  expect(locate(['models', 'a', 'price'])).toBe(`${directory}/a.yaml:2:3 models.a.price`)
  expect(locateIn(null)(['models', 'a', 'routes', 0])).toBe('models.a.routes[0]')
})
