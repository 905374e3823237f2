// The first hour: npm passes a signal on, .env is read, and no command works on another store in silence.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../support/gateway.ts'
import { root } from '../tidy/tree.ts'
import { cleanUpAfterwards, newFolder, serving, start, tollgate } from './command.ts'

cleanUpAfterwards()

test('kill -TERM of the npm that serves stops the gateway, in good order', async () => {
  const folder = newFolder()
  const npm = ['sh', '-c', 'exec npm run -s tollgate -- serve --sandbox']
  const started = start(root, [], { under: npm, env: { DATA_DIR: folder, HOME: folder } })
  const holder = join(folder, 'tollgate.db.lock.holder')
  await until(
    () => ({ text: started.stderr(), exit: started.child.exitCode }),
    ({ text, exit }) => text.includes('tollgate listens on') || exit !== null,
    60_000,
  )
  const { pid } = JSON.parse(readFileSync(holder, 'utf8')) as { pid: number }
  expect(pid).not.toBe(started.child.pid)
  started.kill('SIGTERM')
  await started.ended
  expect(started.stdout()).toContain('"msg":"stopped"')
  expect(existsSync(holder)).toBe(false)
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})

test('every npm script that starts the command is replaced by it', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const starting = Object.entries(scripts).filter(([, line]) => line.includes('src/main.ts'))
  expect(starting.map(([name]) => name)).toEqual(['demo', 'tollgate', 'start'])
  for (const [name, line] of starting) expect(line, name).toMatch(/^exec node /)
})

test('.env is read by every command, and what is set already wins', async () => {
  const folder = newFolder()
  writeFileSync(
    join(folder, '.env'),
    '# ours\nDATA_DIR="./elsewhere"\nKEEVX_API_KEY=from-the-file\nLOG_LEVEL=error\n',
  )
  const { json, stderr } = await tollgate(folder, ['config', 'check', '--json'], {
    env: { LOG_LEVEL: 'warn' },
  })
  expect(json.environment).toMatchObject({ DATA_DIR: join(folder, 'elsewhere'), LOG_LEVEL: 'warn' })
  expect(json.upstreams.keevx.api_key).toEqual(['•••• (13 characters)'])
  expect(stderr).toContain(join(folder, '.env'))
  const gateway = await serving(folder, ['serve', '--sandbox'])
  expect(gateway.stderr()).toContain(`Store: ${join(folder, 'elsewhere/tollgate.db')}, made just now`)
  const made = await tollgate(folder, ['accounts', 'create', 'Ann'])
  expect(made).toMatchObject({ code: 0 })
  expect(made.stderr).toMatch(/^Store: .*elsewhere\/tollgate\.db\. Configuration: .*\/\.env, .*\n$/)
})

test('a .env that cannot be read is a wrong configuration', async () => {
  const folder = newFolder()
  spawnSync('mkdir', [join(folder, '.env')])
  const { code, stderr } = await tollgate(folder, ['accounts', 'list'])
  expect(code).toBe(78)
  expect(stderr).toMatch(/\/\.env: cannot be read: /)
})

test('the banner says what the gateway works with', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'tollgate.yaml'), 'media: { retention: 14d }\n')
  const env = { PUBLIC_URL: 'https://api.example.com' }
  const gateway = await serving(folder, ['serve', '--sandbox'], { env })
  expect(gateway.stderr().trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^tollgate listens on http:/),
    expect.stringMatching(/^SANDBOX: /),
    `Configuration: ${join(folder, 'tollgate.yaml')}, environment. 3 models, built in, at suggested prices.`,
    `Store: ${join(folder, 'data/tollgate.db')}, made just now; there was none.`,
    `Results: kept in ${join(folder, 'data')} for 14d and served from PUBLIC_URL, https://api.example.com.`,
    `The operator API is on: ${gateway.url}/admin/v1 takes ADMIN_TOKEN.`,
  ])
})

test('npm ci says nothing of a Node.js that is too old, for the right one comes with the packages', () => {
  const folder = newFolder()
  for (const name of ['package.json', 'package-lock.json']) {
    const text = readFileSync(join(root, name), 'utf8')
    writeFileSync(join(folder, name), text.replace('"node": ">=24"', '"node": ">=99"'))
  }
  const warnings = () => {
    const args = ['ci', '--dry-run', '--offline', '--ignore-scripts']
    // Whoever starts these tests by npm has its settings in the environment.
    const env = { PATH: process.env['PATH'], HOME: folder }
    const { status, stderr } = spawnSync('npm', args, { cwd: folder, env, encoding: 'utf8' })
    expect(status).toBe(0)
    return stderr.split('\n').filter((line) => line.includes('EBADENGINE')).length
  }
  expect(warnings()).toBeGreaterThan(0)
  writeFileSync(join(folder, '.npmrc'), readFileSync(join(root, '.npmrc')))
  expect(warnings()).toBe(0)
})
