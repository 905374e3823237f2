// What a new operator gets wrong before anything runs: each mistake has an exit code and words that help.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { cleanUpAfterwards, newFolder, start, tollgate } from './command.ts'

cleanUpAfterwards()

test('serve with neither a key nor the sandbox says both ways on, and exits 78 without a trace', async () => {
  const folder = newFolder()
  const { code, stdout, stderr } = await tollgate(folder, ['serve'])
  expect(code).toBe(78)
  expect(stderr).toContain('KEEVX_API_KEY=… tollgate serve')
  expect(stderr).toContain('tollgate serve --sandbox')
  expect(stdout).toBe('')
  expect(readdirSync(folder)).toEqual([])
})

test('every mistake of the environment and of tollgate.yaml is told at once, each with its place', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'tollgate.yaml'), 'media:\n  store: tape\nlimitz: {}\n')
  const env = { PORT: 'http', ADMIN_TOKEN: 'short', PUBLIC_URL: 'gateway', LOG_LEVEL: 'loud' }
  const { code, json, stderr } = await tollgate(folder, ['serve', '--sandbox', '--json'], { env })
  expect(code).toBe(78)
  expect(json).toEqual({ ok: false, problems: stderr.trimEnd().split('\n') })
  const problems = (json.problems as string[]).join('\n')
  expect(problems).toMatch(/PORT: must be a port from 0 to 65535, not "http"/)
  expect(problems).toMatch(/ADMIN_TOKEN: must have at least 32 characters, not 5/)
  expect(problems).toMatch(/PUBLIC_URL: must/)
  expect(problems).toMatch(/LOG_LEVEL: must be trace/)
  expect(problems).toMatch(/tollgate\.yaml:2:10 media\.store: must be disk/)
  expect(problems).toMatch(/tollgate\.yaml:3:1 limitz: unknown key; did you mean limits\?/)
})

test.each(['serve --sandbox', 'ledger verify', 'accounts list'])(
  '%s with a PostgreSQL server that is not there says so without its password, and exits 1',
  async (line) => {
    const sealing = Buffer.alloc(32, 'a key').toString('base64')
    const env = { DATABASE_URL: 'postgres://tollgate:hush@127.0.0.1:1/tollgate', SEALING_KEY: sealing }
    const { code, stderr } = await tollgate(newFolder(), line.split(' '), { env })
    expect(code).toBe(1)
    expect(stderr).toMatch(/127\.0\.0\.1:1\/tollgate cannot be reached: .*Look whether the server runs/)
    expect(stderr).not.toContain('hush')
  },
)

test.each(['serve --sandbox', 'config check'])(
  '%s with the URL of another database says what this version can do, and exits 78',
  async (line) => {
    const env = { DATABASE_URL: 'mysql://tollgate:hush@127.0.0.1/tollgate' }
    const { code, stderr } = await tollgate(newFolder(), line.split(' '), { env })
    expect(code).toBe(78)
    expect(stderr).toMatch(/^DATABASE_URL: must be file: and a path, or start with postgres:/)
    expect(stderr).not.toContain('hush')
  },
)

test.each([
  ['acounts', /unknown command 'acounts'\n\(Did you mean accounts\?\)/],
  ['keys creat', /unknown command 'creat'\n\(Did you mean create\?\)/],
  ['serve --sandbocks', /unknown option '--sandbocks'\n\(Did you mean --sandbox\?\)/],
  ['accounts list --jsn', /Did you mean --json\?/],
  ['keys create', /missing required argument 'account'/],
  ['accounts list --limit none', /must be a whole number above 0/],
  ['tasks list --status 9', /must be 1 \(queued\), 2 \(running\), 3 \(success\) or 4 \(failed\)/],
  ['keys create acc_1 --expires 2030-02-31', /must be a date such as 2030-12-31/],
  ['credits grant acc_1 1.5', /"1\.5" is not a whole number of credits/],
  ['backup', /missing required argument 'file'/],
])('`tollgate %s` is a usage error that says what was meant', async (line, words) => {
  const folder = newFolder()
  const { code, stdout, stderr } = await tollgate(folder, line.split(' '))
  expect(stderr).toMatch(words)
  expect(stdout).toBe('')
  expect(code).toBe(2)
  expect(readdirSync(folder)).toEqual([])
})

test('a name of nothing but spaces is refused, and whoever asked for JSON reads the refusal as JSON', async () => {
  const { code, json } = await tollgate(newFolder(), ['accounts', 'create', '  ', '--json'])
  expect(code).toBe(2)
  expect(json).toEqual({
    ok: false,
    problems: [expect.stringContaining('It must have 1 to 100 characters.')],
  })
})

test('--help works everywhere, without loading the server or the store', async () => {
  const folder = newFolder()
  const listing = join(folder, 'loaded.txt')
  const hook = `
    import { appendFileSync } from 'node:fs'
    import { registerHooks } from 'node:module'
    registerHooks({ load(url, context, next) { appendFileSync(${JSON.stringify(listing)}, url + '\\n'); return next(url, context) } })`
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}` }
  const help = await tollgate(folder, ['credits', 'grant', '--help'], { env })
  expect(help).toMatchObject({ code: 0, stderr: '' })
  expect(help.stdout).toContain('Usage: tollgate credits grant [options] <account> <amount>')
  const loaded = readFileSync(listing, 'utf8')
  expect(loaded).toContain('src/cli/program.ts')
  expect(loaded).not.toMatch(/better-sqlite3|drizzle|fastify|undici|pino|src\/app\//)
  await tollgate(folder, ['models', 'list'], { env })
  expect(readFileSync(listing, 'utf8'), 'the list holds what is loaded').toContain('src/app/upstreams.ts')
})

test('no command at all prints the commands, and is a usage error', async () => {
  const { code, stderr } = await tollgate(newFolder(), [])
  expect(code).toBe(2)
  expect(stderr).toMatch(/serve \[options\][\s\S]*backup \[options\] <file>[\s\S]*restore \[options\] <file>/)
})

test('a port that is taken is said clearly, exits 1, and leaves neither sandbox nor lock behind', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void taken.close())
  await new Promise((resolve) => taken.once('listening', resolve))
  const env = { PORT: String((taken.address() as AddressInfo).port) }
  const folder = newFolder()
  for (const args of [['serve', '--sandbox'], ['demo']]) {
    const { code, stdout, stderr, said } = await tollgate(folder, args, { env })
    expect(stderr).toMatch(/^Store: .*tollgate\.db\. Configuration: /)
    expect(said).toMatch(
      /^listen EADDRINUSE.*Something else listens there; set PORT to another, as in PORT=8788\.\n$/,
    )
    expect(stdout).toBe('')
    expect(code).toBe(1)
    expect(readdirSync(folder)).toEqual([])
  }
})

test('an address that is not of this machine is said in words', async () => {
  const { code, stderr } = await tollgate(newFolder(), ['serve', '--sandbox'], { env: { HOST: '192.0.2.1' } })
  expect(stderr).toMatch(/192\.0\.2\.1.*HOST must be an address of this machine/)
  expect(stderr).not.toContain('    at ')
  expect(code).toBe(1)
})

test('a folder that cannot hold a store, and a file that is none, are said in words', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'notes.txt'), 'these are notes, and no database, '.repeat(100))
  for (const [env, words] of [
    [
      { DATABASE_URL: 'file:./notes.txt' },
      /notes\.txt cannot be opened: file is not a database\. It is damaged, or no store at all/,
    ],
    [
      { DATABASE_URL: 'file:./notes.txt/t.db' },
      /notes\.txt\/t\.db cannot be opened: (?:EEXIST|ENOTDIR).*Look at DATA_DIR and DATABASE_URL/,
    ],
    // Node would try for ever to make a folder there.
    [
      { DATA_DIR: '/proc/tollgate' },
      /\/proc\/tollgate\/tollgate\.db cannot be opened: .*Look at DATA_DIR and DATABASE_URL/,
    ],
  ] as const) {
    const { code, stderr } = await tollgate(folder, ['serve', '--sandbox'], { env })
    expect(stderr).toMatch(words)
    expect(stderr).not.toContain('    at ')
    expect(code).toBe(1)
  }
})

test.each([
  'accounts create Ann --credits 5',
  'accounts list',
  'keys list acc_1',
  'credits grant acc_1 5',
  'tasks list',
  'ledger verify',
  'backup copy.db',
])('%s where there is no store says so and makes none: only serve does', async (line) => {
  const folder = newFolder()
  const env = { DATA_DIR: './dta' }
  const { code, json, stderr, said } = await tollgate(folder, [...line.split(' '), '--json'], { env })
  expect(stderr).toMatch(/^Store: .*dta\/tollgate\.db\. Configuration: .*there is no .*tollgate\.yaml\)\.\n/)
  expect(said).toMatch(/^There is no store at .*dta\/tollgate\.db.*\n$/)
  expect(json).toEqual({ ok: false, problems: [said.trimEnd()] })
  expect(code).toBe(1)
  expect(readdirSync(folder)).toEqual([])
})

test('an empty file is no store, and stays empty', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'tollgate.db'), '')
  const { code, said } = await tollgate(folder, ['accounts', 'list'], { env: { DATA_DIR: '.' } })
  expect(said).toMatch(/^There is no store at .*tollgate\.db\. Look at DATA_DIR and DATABASE_URL/)
  expect(code).toBe(1)
  expect(readdirSync(folder)).toEqual(['tollgate.db'])
  expect(readFileSync(join(folder, 'tollgate.db'))).toHaveLength(0)
})

test('a reader that stops reading is no failure', async () => {
  const listing = start(newFolder(), ['models', 'list', '--json'])
  listing.child.stdout?.destroy()
  const { code, said } = await listing.ended
  expect({ code, said }).toEqual({ code: 0, said: '' })
})
