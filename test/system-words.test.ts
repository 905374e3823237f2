// What the system says of a file becomes one line that an operator can act upon.
import { expect, test } from 'vitest'
import { systemWords } from '../src/cli/output/system-words.ts'

test('errors of the system are put in words, with the path where they name one, and others stay as they are', () => {
  const system = (code: string, path?: string) =>
    Object.assign(new Error(`${code}: said by the system, open`), { errno: -1, code, syscall: 'open', path })
  expect(systemWords(system('EACCES', '/a/b'))).toMatch(
    /^\/a\/b cannot be used: this user may not read or write/,
  )
  expect(systemWords(system('EROFS', '/a/b'))).toContain('its file system is read-only (EROFS, open)')
  expect(systemWords(system('ENOSPC'))).toBe('The system refused: ENOSPC: said by the system, open.')
  expect(systemWords(system('EODD', '/a/b'))).toContain(
    '/a/b cannot be used: the system refused (EODD, open)',
  )
  expect(systemWords(new TypeError('x is not a function'))).toBeNull()
})
