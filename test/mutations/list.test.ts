// The list of guards is in order: each stands where the list says, once, and has tests that could miss it.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './copy.ts'
import { allSubjects, occurrences } from './guard.ts'
import { replacedBy } from './later-migrations.ts'
import { unknownNames } from './names.ts'

const guards = (await allSubjects()).flatMap((subject) => subject.guards)

test.each(guards)('$name', ({ file, search, replacement, tests }) => {
  const text = readFileSync(join(root, file), 'utf8')
  expect(occurrences(text, search), `"${search}" stands once in ${file}`).toBe(1)
  expect(replacement).not.toBe(search)
  expect(tests.length).toBeGreaterThan(0)
  expect(tests.filter((path) => !existsSync(join(root, path)))).toEqual([])
  if (file.endsWith('.sql')) expect(replacedBy(file, search), 'which migration makes it anew').toBeNull()
  if (!file.endsWith('.ts')) return
  // Otherwise the mutation would be found by a ReferenceError, and not by what the tests look for.
  expect(
    unknownNames(
      file,
      text,
      text.replace(search, () => replacement),
    ),
  ).toEqual([])
})

test('every guard has a name of its own', () => {
  const names = guards.map(({ name }) => name)
  expect(names).toEqual([...new Set(names)])
})

test('a mutation that names what its file lacks is found out', () => {
  const original = 'export const half = (whole: number) => whole / 2'
  expect(unknownNames('a.ts', original, original.replace('whole / 2', 'part / 2'))).toEqual(['part'])
  expect(unknownNames('a.ts', original, original.replace('whole / 2', 'Math.round(whole)'))).toEqual([])
  expect(unknownNames('a.ts', original, original.replace('whole / 2', '[1].map((each) => each)[0]'))).toEqual(
    [],
  )
  expect(() => unknownNames('a.ts', original, original.replace('whole / 2', ''))).toThrow(/cannot be read/)
})

test('a guard in what a later migration makes anew is found out', () => {
  const first = 'migrations/sqlite/0000_first.sql'
  expect(replacedBy(first, 'CREATE TABLE `entries`')).toBe('0013_archived_orders.sql')
  expect(replacedBy(first, 'CREATE UNIQUE INDEX `entries_task_kind`')).toBe('0013_archived_orders.sql')
  expect(replacedBy(first, 'an entry is never deleted')).toBe('0013_archived_orders.sql')
  expect(replacedBy(first, 'CREATE UNIQUE INDEX `tasks_upstream`')).toBeNull()
  expect(replacedBy('migrations/sqlite/0013_archived_orders.sql', 'CREATE TABLE `__new_entries`')).toBeNull()
})
