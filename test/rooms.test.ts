// The laws of the rooms, each first shown what breaks it.
import { describe, expect, test } from 'vitest'
import * as rooms from './tidy/rooms.ts'
import { readTree } from './tidy/tree.ts'
import type { Law, SourceFile } from './tidy/tree.ts'

const tree = readTree()

const filesIn = (folder: string, count: number): SourceFile[] =>
  Array.from({ length: count }, (_, at) => ({ path: `${folder}/f${at}.ts`, text: '' }))
const plan = (text: string): SourceFile => ({ path: 'docs/architecture.md', text })
const importing = (path: string, from: string): SourceFile => ({
  path,
  text: `import { b } from '${from}'\n`,
})

interface Trial {
  readonly promise: string
  readonly law: Law
  readonly guilty: readonly (readonly SourceFile[])[]
  readonly innocent: readonly SourceFile[]
}

const trials: readonly Trial[] = [
  {
    promise: 'no folder holds more than 14 files',
    law: rooms.foldersAreSmall,
    guilty: [filesIn('src/tasks', 15), filesIn('sandbox/draw', 15), filesIn('src', 15)],
    innocent: [...filesIn('src/tasks', 14), ...filesIn('src/tasks/create', 14), ...filesIn('test/tasks', 50)],
  },
  {
    promise: 'the plan has one line for each folder',
    law: rooms.planNamesFolders,
    guilty: [
      filesIn('src/tasks', 1),
      [plan('- `src/tasks/`: orders.\n')],
      [plan('- `src/tasks/`: orders.\n- `src/tasks/`: again.\n'), ...filesIn('src/tasks', 1)],
      [plan('- `src/tasks/`\n'), ...filesIn('src/tasks', 1)],
    ],
    innocent: [
      plan('- `src/tasks/`: orders.\n- `src/tasks/create/`: one create.\n- `sandbox/`: Keevx.\n'),
      ...filesIn('src/tasks', 2),
      ...filesIn('src/tasks/create', 2),
      ...filesIn('sandbox', 1),
      ...filesIn('test/tasks', 1),
    ],
  },
  {
    promise: 'every file that the plan names is there',
    law: rooms.planNamesFiles,
    guilty: [[plan('See `src/tasks/a.ts`.')], [plan('See `bin/tollgate.js`.'), ...filesIn('src', 1)]],
    innocent: [plan('See `src/tasks/f0.ts`, and `.ts` files.'), ...filesIn('src/tasks', 1)],
  },
  {
    promise: 'the sandbox is started by commands alone',
    law: rooms.commandsStartTheSandbox,
    guilty: [
      [importing('src/http/a.ts', '../../sandbox/b.ts')],
      [{ path: 'src/app/app.ts', text: "import type { B } from '../sandbox/b.ts'\n" }],
    ],
    innocent: [
      importing('src/cli/a.ts', '../../sandbox/b.ts'),
      importing('src/cli/commands/a.ts', '../../../sandbox/b.ts'),
      importing('sandbox/draw/a.ts', '../b.ts'),
      importing('test/a.test.ts', '../sandbox/b.ts'),
    ],
  },
]

describe.each(trials)('$promise', ({ law, guilty, innocent }) => {
  test('which each that breaks it is caught by', () => {
    for (const files of guilty) expect(law(files), JSON.stringify(files)).toHaveLength(1)
  })

  test('which catches nobody for looks', () => {
    expect(law(innocent)).toEqual([])
  })

  test('in this repository', () => {
    expect(law(tree)).toEqual([])
  })
})

test('every law is on trial', () => {
  expect(Object.values(rooms)).toEqual(expect.arrayContaining(trials.map(({ law }) => law)))
  expect(Object.values(rooms)).toHaveLength(trials.length)
})
