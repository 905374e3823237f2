// Writes the README's tables from what they describe: the environment and the commands. With --check it only compares.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { createProgram } from '../src/cli/program.ts'
import { describeEnvironment } from '../src/config/environment/environment.ts'

const readme = fileURLToPath(new URL('../README.md', import.meta.url))

/** A text with every section between its markers written anew; markers that are not there are left out. */
export function withTables(text: string): string {
  return Object.entries(tables).reduce((written, [name, table]) => section(written, name, table()), text)
}

const tables: Readonly<Record<string, () => string>> = {
  configuration: () =>
    markdownTable(
      ['Variable', 'Default', 'What it does'],
      describeEnvironment().map((variable) => [
        code(variable.name) + (variable.secret ? ` or ${code(`${variable.name}_FILE`)}` : ''),
        variable.default === '' ? 'not set' : defaultText(variable.default),
        variable.description,
      ]),
    ),
  commands: () =>
    markdownTable(
      ['Command', 'What it does'],
      leavesOf(createProgram()).map(({ command, words }) => [
        code(`tollgate ${words}`),
        command.description(),
      ]),
    ),
}

function section(text: string, name: string, table: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 && to < 0) return text
  if (from < 0 || to < from) throw new Error(`The markers ${begin} and ${end} do not stand in this order.`)
  return `${text.slice(0, from + begin.length)}\n${table}\n${text.slice(to)}`
}

interface Leaf {
  readonly command: Command
  /** As it is typed, after `tollgate`. */
  readonly words: string
}

/** What can be run: whatever can print JSON. */
function leavesOf(command: Command, above: readonly string[] = []): Leaf[] {
  return command.commands.flatMap((inner) => {
    const names = [...above, inner.name()]
    const others = leavesOf(inner, names)
    if (!inner.options.some(({ long }) => long === '--json')) return others
    const options = inner.options.filter(({ long }) => long !== '--json').map(({ flags }) => `[${flags}]`)
    const taken = inner.registeredArguments.map((argument) =>
      argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
    )
    return [{ command: inner, words: [...names, ...taken, ...options].join(' ') }, ...others]
  })
}

/** A default is code up to the first comma; what follows are words. */
function defaultText(text: string): string {
  const [value = '', ...words] = text.split(', ')
  return [code(value), ...words].join(', ')
}

const code = (text: string) => `\`${text}\``

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

if (import.meta.main) {
  const text = readFileSync(readme, 'utf8')
  const written = withTables(text)
  if (!process.argv.includes('--check')) {
    writeFileSync(readme, written)
  } else if (written !== text) {
    process.stderr.write('README.md is out of date: run node scripts/write-docs.ts\n')
    process.exitCode = 1
  }
}
