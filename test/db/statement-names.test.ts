// The names of prepared statements: short enough for every dialect, and never the same for two texts.
import { expect, test } from 'vitest'
import { statementName } from '../../src/db/statement.ts'

test.each([
  'task_by_id',
  'requests by id from queued submitting set state dueAt '.repeat(10),
  '繁體 “quoted” names',
  '',
])('a statement named %j has fewer than 63 bytes of plain letters', (words) => {
  const name = statementName(words, 'SELECT 1')
  expect(name).toMatch(/^\w{20,62}$/)
})

test('two texts never share a name, however much their words have in common', () => {
  const words = 'requests by id from queued submitting unknown accepted set state due_at attempts'
  const names = ['SELECT 1', 'SELECT 2', 'select 1'].map((text) => statementName(words, text))
  expect(new Set(names).size).toBe(3)
  expect(statementName(words, 'SELECT 1')).toBe(names[0])
})
