// Files that an operator names and that are no files of settings: read within bounds, and names that hide settings.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseSettings } from '../../src/config/file/parse.ts'
import { readSecretFile } from '../../src/config/environment/secret-file.ts'

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-secret-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test('a secret is read from a file of at most 64 KiB, also through a link', () => {
  const folder = newFolder()
  const [file, link] = [join(folder, 'file'), join(folder, 'link')]
  writeFileSync(file, 'x'.repeat(64 * 1024))
  symlinkSync(file, link)
  expect(readSecretFile(link)).toHaveLength(64 * 1024)
  writeFileSync(file, 'x'.repeat(64 * 1024 + 1))
  expect(() => readSecretFile(link)).toThrow('longer than 64 KiB')
})

test('a device is no secret, and a pipe that nobody writes to ends at once', () => {
  expect(() => readSecretFile('/dev/zero')).toThrow('/dev/zero is no file')
  expect(() => readSecretFile('/dev/null')).toThrow('/dev/null is no file')
  const pipe = join(newFolder(), 'pipe')
  execFileSync('sh', ['-c', 'mkfifo "$0"', pipe])
  expect(readSecretFile(pipe)).toBe('')
})

test.each(['__proto__', 'constructor', 'toString', 'prototype', 'hasOwnProperty'])(
  'a setting by the name %s is refused wherever it stands',
  (name) => {
    for (const yaml of [
      `${name}: {}`,
      `upstreams:\n  ${name}: { adapter: keevx }`,
      `models: [{ "${name}": 1 }]`,
    ]) {
      expect(() => parseSettings('t.yaml', yaml)).toThrow(`${name}: is a name that JavaScript uses itself`)
    }
  },
)
