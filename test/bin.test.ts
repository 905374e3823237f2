// The installed command finds its way to a node that can run it.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

import { root } from './tidy/tree.ts'

const oldNode = `data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '20.1.0' })`

test('a node that is new enough runs the command itself', () => {
  const { status, stdout } = run(join(root, 'bin/tollgate.js'), ['--help'])
  expect(stdout).toContain('serve')
  expect(status).toBe(0)
})

test('an older node hands over to the one of the checkout, with arguments and exit code', () => {
  const bin = join(root, 'bin/tollgate.js')
  expect(run(bin, ['--help'], oldNode).stdout).toBe(run(bin, ['--help']).stdout)
  expect(run(bin, ['no-such-command'], oldNode).status).toBe(2)
})

test('an older node without the one of the checkout is told which version is needed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-bin-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true })
  cpSync(join(root, 'package.json'), join(folder, 'package.json'))
  const { status, stderr } = run(join(folder, 'bin/tollgate.js'), ['--help'], oldNode)
  expect(stderr).toMatch(/needs Node\.js 24 or newer, and this is 20\.1\.0/)
  expect(status).toBe(1)
})

function run(bin: string, args: readonly string[], preload?: string) {
  const nodeArgs = preload === undefined ? [] : ['--import', preload]
  return spawnSync(process.execPath, [...nodeArgs, bin, ...args], { encoding: 'utf8', env: {} })
}
