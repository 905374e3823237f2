// A folder that cannot be is refused at once; one that can is for its owner alone.
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder } from '../../src/disk/folder.ts'
import { newFolder } from '../support/folder.ts'

test('folders are made down to the last, for their owner alone, and again without harm', () => {
  const folder = join(newFolder(), 'a/b/c')
  makeFolder(folder)
  makeFolder(folder)
  for (const path of [folder, join(folder, '..')]) expect(statSync(path).mode & 0o777).toBe(0o700)
})

test.runIf(process.platform === 'linux')(
  'nothing is tried for ever where the system can hold no folder',
  () => {
    expect(() => makeFolder('/proc/tollgate/data')).toThrow(/ENOENT.*mkdir '\/proc\/tollgate'/)
  },
)

test('a file in the way is said', () => {
  const file = join(newFolder(), 'notes.txt')
  writeFileSync(file, '')
  expect(() => makeFolder(file)).toThrow('EEXIST')
  expect(() => makeFolder(join(file, 'data'))).toThrow(/ENOTDIR|EEXIST/)
})
