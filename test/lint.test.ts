// The linter keeps the laws that need the shape of the code; here it has to catch a file that breaks each.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

import { root } from './tidy/tree.ts'

const statements = (count: number) => 'count += 1\n'.repeat(count)
const longFunction = (lines: number) =>
  `export function long(): number {\nlet count = 0\n${statements(lines - 4)}return count\n}\n`

const trials: readonly { promise: string; rule: string; path: string; text: string }[] = [
  {
    promise: 'a function of 71 lines is refused',
    rule: 'max-lines-per-function',
    path: 'src/tasks/long.ts',
    text: longFunction(71),
  },
  {
    promise: 'a function of four parameters is refused',
    rule: 'max-params',
    path: 'src/tasks/wide.ts',
    text: 'export const sum = (a: number, b: number, c: number, d: number): number => a + b + c + d\n',
  },
  {
    promise: 'a function of four parameters is refused in the sandbox',
    rule: 'max-params',
    path: 'sandbox/wide.ts',
    text: 'export const sum = (a: number, b: number, c: number, d = 0): number => a + b + c + d\n',
  },
  {
    promise: 'a file of 301 lines is refused',
    rule: 'max-lines',
    path: 'src/tasks/tall.ts',
    text: `export const one = 1\n${'// A line.\n'.repeat(300)}`,
  },
  {
    promise: 'a promise that nobody waits for is refused',
    rule: 'no-floating-promises',
    path: 'src/tasks/floating.ts',
    text: 'async function work(): Promise<void> {}\nexport function begin(): void {\n  work()\n}\n',
  },
  {
    promise: 'a promise where a yes or no is asked is refused',
    rule: 'no-misused-promises',
    path: 'src/tasks/misused.ts',
    text: 'async function ready(): Promise<boolean> {\n  return true\n}\nexport const word = () => (ready() ? 1 : 2)\n',
  },
  {
    promise: 'a default export in src is refused',
    rule: 'no-default-export',
    path: 'src/tasks/default.ts',
    text: 'const one = 1\nexport default one\n',
  },
  {
    promise: 'a console outside the commands is refused',
    rule: 'no-console',
    path: 'src/tasks/console.ts',
    text: 'export const one = 1\nconsole.log(one)\n',
  },
  {
    promise: 'the environment outside src/config is refused',
    rule: 'no-process-env',
    path: 'src/tasks/environment.ts',
    text: 'export const port = process.env["PORT"]\n',
  },
  {
    promise: 'a switch that forgets a case is refused',
    rule: 'switch-exhaustiveness-check',
    path: 'src/tasks/switch.ts',
    text: "export function f(kind: 'a' | 'b'): number {\n  switch (kind) {\n    case 'a':\n      return 1\n  }\n  return 2\n}\n",
  },
  ...[
    "export const answer = await fetch('http://a.example')\n",
    'export const ask = fetch\n',
    "export const answer = await globalThis.fetch('http://a.example')\n",
    'export const { fetch: ask } = global\n',
    "export const socket = new WebSocket('ws://a.example')\n",
  ].map((text, at) => ({
    promise: `a way out of the house that Node has globally is refused: ${text}`,
    rule: 'no-restricted-globals',
    path: `src/net/global-${at}.ts`,
    text,
  })),
  ...[
    "export { request } from 'node:http'\n",
    "import { get } from 'node:http'\nexport const one = get\n",
    "import http from 'node:http'\nexport const one = http.globalAgent\n",
    "import * as http from 'node:http'\nexport const one = http.globalAgent\n",
    "import { createServer, connect } from 'node:net'\nexport const both = [createServer, connect]\n",
    "import { Socket } from 'node:net'\nexport const one = new Socket()\n",
  ].map((text, at) => ({
    promise: `what connects is refused where servers are made: ${text}`,
    rule: 'no-restricted-imports',
    path: `src/http/connects-${at}.ts`,
    text,
  })),
]

const innocent = [
  {
    path: 'src/http/server.ts',
    text: "import { createServer } from 'node:http'\nimport type { Socket } from 'node:net'\nexport const one = createServer()\nexport type One = Socket\n",
  },
  {
    path: 'src/net/connect.ts',
    text: "import net from 'node:net'\nexport const one = net.connect(1)\n",
  },
  { path: 'src/tasks/short.ts', text: longFunction(70) },
  { path: 'src/config/port.ts', text: 'export const port = process.env["PORT"]\n' },
  { path: 'src/cli/words.ts', text: 'export const one = 1\nconsole.log(one)\n' },
]

const folder = mkdtempSync(join(tmpdir(), 'tollgate-lint-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const complaints = lint()

test.each(trials)('$promise', ({ rule, path }) => {
  expect(complaints.filter(({ filename }) => filename === path).map(({ code }) => code)).toEqual([
    expect.stringContaining(`(${rule})`),
  ])
})

test('what the laws allow passes', () => {
  const paths = innocent.map(({ path }) => path)
  expect(complaints.filter(({ filename }) => paths.includes(filename))).toEqual([])
})

/** Lints all trials in one run, under this repository's own configuration. */
function lint(): { filename: string; code: string }[] {
  for (const file of ['.oxlintrc.json', 'tsconfig.json', 'package.json']) {
    copyFileSync(join(root, file), join(folder, file))
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const { path, text } of [...trials, ...innocent]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  try {
    execFileSync(join(root, 'node_modules/.bin/oxlint'), ['--format', 'json', 'src', 'sandbox'], {
      cwd: folder,
    })
  } catch (error) {
    const { stdout } = error as { stdout: Buffer }
    return (JSON.parse(stdout.toString()) as { diagnostics: { filename: string; code: string }[] })
      .diagnostics
  }
  return []
}
