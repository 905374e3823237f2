// The list of guards is in order: each stands where the list says, once, and has tests that could miss it.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './copy.ts'
import { allSubjects, occurrences } from './guard.ts'

const guards = (await allSubjects()).flatMap((subject) => subject.guards)

test.each(guards)('$name', ({ file, search, replacement, tests }) => {
  const text = readFileSync(join(root, file), 'utf8')
  expect(occurrences(text, search), `"${search}" stands once in ${file}`).toBe(1)
  expect(replacement).not.toBe(search)
  expect(tests.length).toBeGreaterThan(0)
  expect(tests.filter((path) => !existsSync(join(root, path)))).toEqual([])
})

test('every guard has a name of its own', () => {
  const names = guards.map(({ name }) => name)
  expect(names).toEqual([...new Set(names)])
})
