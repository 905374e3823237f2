// The README says what the program says of itself.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { withTables } from '../../scripts/write-docs.ts'
import { describeEnvironment } from '../../src/config/environment/environment.ts'
import { root } from '../tidy/tree.ts'

const marked = (name: string, inside = '') => `<!-- ${name}:begin -->\n${inside}<!-- ${name}:end -->`

describe('the tables', () => {
  test('stand between their markers, and the text around them stays', () => {
    const text = `# A\n\n${marked('configuration', 'what stood here\n')}\n\nbetween\n\n${marked('commands')}\n\nafter\n`
    const written = withTables(text)
    expect(written).toMatch(/^# A\n\n<!-- configuration:begin -->\n\| Variable \| Default \| What it does \|\n\| --- /)
    expect(written).toMatch(/\n<!-- configuration:end -->\n\nbetween\n\n<!-- commands:begin -->\n\| Command \| /)
    expect(written).toMatch(/\n<!-- commands:end -->\n\nafter\n$/)
    expect(written).not.toContain('what stood here')
    expect(withTables(written)).toBe(written)
  })

  test('hold every variable, and say which of them may be files', () => {
    const lines = withTables(marked('configuration')).split('\n')
    for (const { name, secret } of describeEnvironment()) {
      const [line, ...more] = lines.filter((one) => one.startsWith(`| \`${name}\` `))
      expect(more, name).toEqual([])
      expect(line?.includes(`or \`${name}_FILE\``), name).toBe(secret)
    }
    expect(lines).toContainEqual('| `PORT` | `8787` | The port to listen on; 0 takes any free one. |')
  })

  test('hold every command as it is typed', () => {
    const written = withTables(marked('commands'))
    for (const name of ['serve', 'demo', 'ledger verify', 'config check', 'doctor', 'backup <file>', 'restore <file>']) {
      expect(written).toContain(`| \`tollgate ${name}`)
    }
    expect(written).toContain('`tollgate credits grant <account> <amount> [--note <text>] [--public-note <text>] [--paid <amount>] [--idempotency-key <key>]`')
  })

  test('are left out of a text without markers, and half a pair is an error', () => {
    expect(withTables('# A\n')).toBe('# A\n')
    expect(() => withTables('<!-- commands:begin -->\n')).toThrow(/do not stand in this order/)
  })
})

test('README.md is up to date', () => {
  const path = join(root, 'README.md')
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  expect(text).toBe(withTables(text))
})
