// Every variable of the environment is checked, and no secret appears in a complaint.
import { describe, expect, test } from 'vitest'

import { loadConfig } from '../../src/config/config.ts'
import { describeEnvironment } from '../../src/config/environment/environment.ts'
import { directoryWith, problemsOf } from './workspace.ts'

const token = 'a-token-of-thirty-two-characters!'

function load(env: NodeJS.ProcessEnv, files: Readonly<Record<string, string>> = {}) {
  return loadConfig({ env, cwd: directoryWith(files) })
}

function complaints(env: NodeJS.ProcessEnv, files: Readonly<Record<string, string>> = {}) {
  const cwd = directoryWith(files)
  return problemsOf(cwd, () => loadConfig({ env, cwd }))
}

test('an empty environment gives the documented defaults', () => {
  const cwd = directoryWith({})
  expect(loadConfig({ env: {}, cwd })).toMatchObject({
    host: '127.0.0.1',
    port: 8787,
    databaseUrl: `file:${cwd}/data/tollgate.db`,
    dataDir: `${cwd}/data`,
    logLevel: 'info',
    adminToken: null,
    publicUrl: null,
    configFile: null,
    models: null,
  })
})

test('a variable that is set to nothing counts as not set', () => {
  const env = Object.fromEntries(
    describeEnvironment().flatMap(({ name }) => [
      [name, ''],
      [`${name}_FILE`, ''],
    ]),
  )
  const cwd = directoryWith({})
  expect(loadConfig({ env, cwd })).toEqual(loadConfig({ env: {}, cwd }))
})

describe('the database', () => {
  test('follows DATA_DIR', () => {
    expect(load({ DATA_DIR: '/srv/gate/' }).databaseUrl).toBe('file:/srv/gate/tollgate.db')
  })

  test('is where DATABASE_URL says, whatever DATA_DIR says', () => {
    const cwd = directoryWith({})
    const of = (url: string) => loadConfig({ env: { DATABASE_URL: url, DATA_DIR: '/srv' }, cwd }).databaseUrl
    expect(of('file:./here.db')).toBe(`file:${cwd}/here.db`)
    expect(of('file:/there.db')).toBe('file:/there.db')
    expect(of('file:///there.db')).toBe('file:/there.db')
    expect(of('postgres://u:p@db/x')).toBe('postgres://u:p@db/x')
    expect(of('postgresql://db/x')).toBe('postgresql://db/x')
  })

  test.each([
    ['mysql://root:hunter2@db/x'],
    ['file:'],
    ['hunter2.db'],
    ['file://hunter2/x.db'],
    ['postgres://'],
  ])('%s is refused, and not repeated', (url) => {
    const [problem, ...rest] = complaints({ DATABASE_URL: url })
    expect(rest).toEqual([])
    expect(problem).toMatch(/^DATABASE_URL: must be file:/)
    expect(problem).not.toContain('hunter2')
  })
})

test.each([
  ['PORT', '65536', /0 to 65535/],
  ['PORT', '80a', /0 to 65535/],
  ['PORT', '-1', /0 to 65535/],
  ['HOST', 'http://localhost', /host name alone/],
  ['LOG_LEVEL', 'loud', /trace, debug, info/],
  ['ADMIN_TOKEN', 'x'.repeat(31), /at least 32 characters, not 31/],
  ['ADMIN_TOKEN', 'two words and more than 32 characters', /without spaces/],
  ['PUBLIC_URL', 'gate.example', /http:\/\/ or https:\/\//],
  ['PUBLIC_URL', 'ftp://gate.example', /http:\/\/ or https:\/\//],
  ['PUBLIC_URL', 'https://u:hunter2@gate.example', /user name or password/],
  ['PUBLIC_URL', 'https://gate.example/?a=1', /query/],
  ['PUBLIC_URL', 'https://gate.example/#a', /fragment/],
  ['PUBLIC_URL', 'https://gate.example/?', /query/],
  ['KEEVX_BASE_URL', 'https:/\\api', /http:\/\/ or https:\/\//],
  ['KEEVX_API_KEY', 'one,,two', /key 2 of 3 is empty/],
  ['KEEVX_API_KEY', 'one, ', /key 2 of 2 is empty/],
  ['KEEVX_API_KEY', 'hunter2 two', /key 1 of 1 holds a space/],
])('%s=%s is refused by name', (name, value, words) => {
  const problems = complaints({ [name]: value })
  expect(problems).toHaveLength(1)
  expect(problems[0]).toMatch(new RegExp(`^${name}: `))
  expect(problems[0]).toMatch(words)
  expect(problems[0]).not.toContain('hunter2')
})

test.each([
  ['DATABASE_URL', 'file:./q.db?mode=ro', /\? and # begin no parameters/],
  ['DATABASE_URL', 'file:/q.db#a', /\? and # begin no parameters/],
  ['DATABASE_URL', 'file:///q.db?', /\? and # begin no parameters/],
  ['DATABASE_URL', 'file:./a%20b.db', /without escapes/],
  ['DATABASE_URL', 'file:///a%3Fb.db', /without escapes/],
  ['DATABASE_URL', 'file:~/q.db', /only a shell replaces/],
  ['DATABASE_URL', 'file:$HOME/q.db', /only a shell replaces/],
  ['DATABASE_URL', 'file::memory:', /must name a file/],
  ['DATABASE_URL', 'file:./data/', /ends like a folder/],
  ['DATABASE_URL', '"file:./q.db"', /stands in quotes/],
  ['DATA_DIR', '~/d', /only a shell replaces/],
  ['DATA_DIR', '~', /only a shell replaces/],
  ['DATA_DIR', '~ann/d', /only a shell replaces/],
  ['DATA_DIR', '$HOME/d', /only a shell replaces/],
  ['DATA_DIR', '${HOME}/d', /only a shell replaces/],
  ['DATA_DIR', "'./d'", /stands in quotes/],
  ['TOLLGATE_CONFIG', '~/tollgate.yaml', /only a shell replaces/],
  ['ADMIN_TOKEN', `"${token}"`, /stands in quotes/],
  ['ADMIN_TOKEN', `'${token}'`, /stands in quotes/],
  ['ADMIN_TOKEN', `“${token}”`, /stands in quotes/],
  ['KEEVX_API_KEY', '"hunter2"', /stands in quotes/],
  ['KEEVX_API_KEY', "one,'hunter2'", /key 2 of 2 stands in quotes/],
  ['S3_SECRET_ACCESS_KEY', '"hunter2"', /stands in quotes/],
  ['PUBLIC_URL', '"https://gate.example"', /stands in quotes/],
])('%s=%s is refused in words, and makes nothing of that name', (name, value, words) => {
  const problems = complaints({ [name]: value }).filter((problem) => problem.startsWith(`${name}: `))
  expect(problems).toHaveLength(1)
  expect(problems[0]).toMatch(new RegExp(`^${name}: `))
  expect(problems[0]).toMatch(words)
  expect(problems[0]).not.toContain('hunter2')
})

test.each([`${token}\n`, ` ${token}`, `${token}\r\n`, `\uFEFF${token}`, `\t${token} \n\n`])(
  'a secret is the same with %j around it, in a variable and in a file',
  (text) => {
    expect(load({ ADMIN_TOKEN: text }).adminToken).toBe(token)
    expect(load({ ADMIN_TOKEN_FILE: 'token' }, { token: text }).adminToken).toBe(token)
    expect(load({ KEEVX_API_KEY: text }).upstreams['keevx']?.keys).toEqual([token])
  },
)

describe('the keys of a bucket', () => {
  const bucket = 'store: s3, endpoint: "https://s3.example", bucket: b, region: r'
  const yaml = { 'tollgate.yaml': `media: { ${bucket} }` }
  const env = { S3_ACCESS_KEY_ID: 'the-id', S3_SECRET_ACCESS_KEY: 'the-secret' }

  test('come from the environment, or from files that it names', () => {
    const keys = { accessKeyId: 'the-id', secretAccessKey: 'the-secret' }
    expect(load(env, yaml).media.s3).toMatchObject(keys)
    const byFile = { S3_ACCESS_KEY_ID_FILE: 'id', S3_SECRET_ACCESS_KEY_FILE: 'secret' }
    expect(load(byFile, { ...yaml, id: 'the-id\n', secret: 'the-secret\n' }).media.s3).toMatchObject(keys)
  })

  test('win over those of the file, and mean nothing where it names no bucket', () => {
    const file = `media: { ${bucket}, access_key_id: old, secret_access_key: old }`
    expect(load(env, { 'tollgate.yaml': file }).media.s3).toMatchObject({ secretAccessKey: 'the-secret' })
    expect(load(env).media.s3).toBeNull()
  })

  test('that are missing are still missed', () => {
    const one = { S3_ACCESS_KEY_ID: 'the-id' }
    expect(complaints(one, yaml).join()).toMatch(/secret_access_key.* is missing/)
  })
})

test('every problem is told at once, those of the file too', () => {
  const problems = complaints(
    { PORT: 'x', LOG_LEVEL: 'y', KEEVX_API_KEY_FILE: 'gone' },
    { 'tollgate.yaml': 'wrong: 1' },
  )
  expect(problems.map((problem) => problem.split(':')[0])).toEqual([
    'KEEVX_API_KEY_FILE',
    'PORT',
    'LOG_LEVEL',
    'tollgate.yaml',
  ])
})

test('URLs lose their trailing slash and keep their path', () => {
  const config = load({
    PUBLIC_URL: 'https://Gate.example/sub//',
    KEEVX_BASE_URL: 'http://127.0.0.1:4000/v1/',
  })
  expect(config.publicUrl).toBe('https://gate.example/sub')
  expect(config.upstreams['keevx']?.baseUrl).toBe('http://127.0.0.1:4000/v1')
})

test('several Keevx keys are trimmed, and one that is given twice counts once', () => {
  expect(load({ KEEVX_API_KEY: ' one , two,one' }).upstreams['keevx']?.keys).toEqual(['one', 'two'])
})

describe('a secret as a file', () => {
  test('is read without the line break at its end', () => {
    const files = { token: `${token}\n`, keys: 'one,two\n', url: 'postgres://db/x\n' }
    const config = load(
      { ADMIN_TOKEN_FILE: 'token', KEEVX_API_KEY_FILE: 'keys', DATABASE_URL_FILE: 'url' },
      files,
    )
    expect(config.adminToken).toBe(token)
    expect(config.upstreams['keevx']?.keys).toEqual(['one', 'two'])
    expect(config.databaseUrl).toBe('postgres://db/x')
  })

  test('beside the variable itself is refused', () => {
    expect(complaints({ ADMIN_TOKEN: token, ADMIN_TOKEN_FILE: 'token' }, { token })).toEqual([
      'ADMIN_TOKEN: is given twice, as ADMIN_TOKEN and as ADMIN_TOKEN_FILE; take one away',
    ])
  })

  test('that is not there, empty or a directory is refused', () => {
    expect(complaints({ ADMIN_TOKEN_FILE: 'gone' })).toEqual([
      'ADMIN_TOKEN_FILE: the file gone cannot be read: there is no such file',
    ])
    expect(complaints({ ADMIN_TOKEN_FILE: 'blank' }, { blank: ' \n' })[0]).toMatch('the file blank is empty')
    expect(complaints({ ADMIN_TOKEN_FILE: '.' })[0]).toMatch('cannot be read: EISDIR')
  })

  test('is no way for what is not secret', () => {
    expect(load({ PORT_FILE: 'port' }, { port: '99' }).port).toBe(8787)
  })
})

test('the description names every variable, and exactly the secrets as secret', () => {
  const variables = describeEnvironment()
  expect(variables.filter(({ secret }) => secret).map(({ name }) => name)).toEqual([
    'DATABASE_URL',
    'SEALING_KEY',
    'KEEVX_API_KEY',
    'KEEVX_API_KEY_POLLS_ONLY',
    'ADMIN_TOKEN',
    'S3_ACCESS_KEY_ID',
    'S3_SECRET_ACCESS_KEY',
  ])
  expect(variables).toHaveLength(15)
  for (const { description } of variables) expect(description.length).toBeGreaterThan(10)
})
