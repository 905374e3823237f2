// What is shown on a terminal changes nothing on it, stands in straight columns, and is missed when it cannot be written.
import { beforeAll, describe, expect, test } from 'vitest'
import { createAccount } from '../../src/accounts/accounts.ts'
import { createKey } from '../../src/accounts/keys.ts'
import { table } from '../../src/cli/output/table.ts'
import { storeAt } from '../../src/db/store-at.ts'
import { cleanUpAfterwards, newFolder, storeIn, tollgate } from './command.ts'

cleanUpAfterwards()

/** Clears the screen, goes up a line, breaks the line, renames the window, and writes backwards. */
const hostile = 'a\u001b[2J\u001b[1A\r\n\u009b31m\u001b]0;owned\u0007\u202eb\u2028c\td'
const escaped = 'a\\u001b[2J\\u001b[1A\\r\\n\\u009b31m\\u001b]0;owned\\u0007\\u202eb\\u2028c\\td'
const unprintable = /[^\P{Cc}\n]|[\u2028\u2029\u202A-\u202E\u2066-\u2069]/u

const folder = newFolder()
let accountId = ''
beforeAll(async () => {
  // A store from before such names were refused.
  const db = await storeAt(storeIn(folder).databaseUrl).open({ onFatal: () => undefined })
  await db.transaction(async (tx) => {
    accountId = (await createAccount(tx, { name: hostile, nowMs: 1 })).id
    await createAccount(tx, { name: '画廊🦢 é', nowMs: 2 })
    await createKey(tx, { accountId, name: hostile, expiresAt: null, nowMs: 1 })
  })
  await db.close()
})

describe('older rows', () => {
  test.each([
    ['accounts list', ['accounts', 'list']],
    ['keys list', ['keys', 'list', 'ACCOUNT']],
    ['accounts show --json', ['accounts', 'show', 'ACCOUNT', '--json']],
  ])('are escaped by %s', async (_name, args) => {
    const { stdout, code } = await tollgate(
      folder,
      args.map((arg) => arg.replace('ACCOUNT', accountId)),
    )
    expect(code).toBe(0)
    expect(stdout).not.toMatch(unprintable)
    expect(stdout).toContain(escaped)
    if (args.includes('--json')) expect(JSON.parse(stdout).name).toBe(hostile)
    else expect(stdout.trim().split('\n')).toHaveLength(args[0] === 'keys' ? 2 : 3)
  })
})

test('the columns of a table are as wide as what is shown of a cell, not as what it would do', () => {
  const rows = [
    [hostile, 1],
    ['b', 2],
  ]
  expect(table(['NAME', 'N'], rows)).toEqual([
    `NAME${' '.repeat(escaped.length - 4)}  N`,
    `${escaped}  1`,
    `b${' '.repeat(escaped.length - 1)}  2`,
  ])
})

test('what stood on the command line is repeated without harm', async () => {
  for (const args of [
    [hostile],
    ['accounts', 'create', hostile],
    ['accounts', 'create', 'x', `--${hostile}`],
  ]) {
    const { stderr, code } = await tollgate(folder, args)
    expect(code).toBe(2)
    expect(stderr).not.toMatch(unprintable)
    expect(stderr.split('\n').filter((line) => line.startsWith('\u001b') || line.startsWith('d'))).toEqual([])
    expect(stderr).toContain('\\u202eb\\u2028c\\td')
    expect(stderr).not.toContain('\\r\n')
  }
})

test.each([
  ['a name', ['accounts', 'create', hostile], 'name'],
  ['a name of two lines', ['accounts', 'create', 'a\nb'], 'name'],
  ['a name of nothing to be seen', ['accounts', 'create', '\u200b\u3164'], 'name'],
  ['a note that turns the line', ['credits', 'grant', 'ACCOUNT', '5', '--note', 'a\u202eb'], '--note'],
  ['a public note', ['credits', 'grant', 'ACCOUNT', '5', '--public-note', 'a\u009bb'], '--public-note'],
  ['a name of a key', ['keys', 'create', 'ACCOUNT', '--name', 'a\u2028b'], '--name'],
])('%s is refused at the door, by its name', async (_what, args, field) => {
  const { stderr, code } = await tollgate(
    folder,
    args.map((arg) => arg.replace('ACCOUNT', accountId)),
  )
  expect(code).toBe(2)
  expect(stderr).toContain(field)
  expect(stderr).toContain('It must')
})

describe('output that cannot be written', () => {
  const into = (target: string) => ({ under: ['sh', '-c', `exec "$@" ${target}`, 'sh'] })

  test.each([
    ['a full disk', ['accounts', 'list'], 'ENOSPC'],
    ['a full disk, asked for JSON', ['accounts', 'list', '--json'], 'ENOSPC'],
    ['a full disk, asked for help', ['--help'], 'ENOSPC'],
  ])('%s is one line and exit code 1', async (_what, args, reason) => {
    const { said, code } = await tollgate(folder, args, into('> /dev/full'))
    expect(code).toBe(1)
    expect(said).toMatch(/^The output could not be written: .*\n$/)
    expect(said).toContain(reason)
  })

  test('a command that failed says why, and keeps its code', async () => {
    const { said, code } = await tollgate(folder, ['accounts', 'show', 'acc_none'], into('> /dev/full'))
    expect([code, said]).toEqual([
      1,
      'There is no account with this id or name. tollgate accounts list shows them.\n',
    ])
    const nowhere = await tollgate(folder, ['accounts', 'list'], into('> /dev/full 2> /dev/full'))
    expect([nowhere.code, nowhere.stdout, nowhere.stderr]).toEqual([1, '', ''])
  })

  test('and what was changed is changed', async () => {
    await tollgate(folder, ['credits', 'grant', accountId, '7'], into('> /dev/full'))
    expect((await tollgate(folder, ['accounts', 'show', accountId, '--json'])).json.balance).toBe(7)
  })
})

test('the operator is not told of an account of his own', async () => {
  const { said } = await tollgate(folder, ['tasks', 'show', 'task_none'])
  expect(said).toBe('There is no task with this id.\n')
})

test('columns are aligned by what a terminal shows', () => {
  const names = ['plain', '画廊', '🦢🦢', 'é', 'e\u0301', '\u200bzero', '👩‍👩‍👧', 'ＡＢ', 'ﾊﾝｶｸ']
  const lines = table(
    ['name', 'n'],
    names.map((name, at) => [name, at]),
  )
  const widthBefore = (line: string) => {
    const name = line.slice(0, line.lastIndexOf(' ')).trimEnd()
    return { name, spaces: line.length - name.length - 1 }
  }
  const shown: Record<string, number> = {
    plain: 5,
    画廊: 4,
    '🦢🦢': 4,
    é: 1,
    'e\u0301': 1,
    '\u200bzero': 4,
    '👩‍👩‍👧': 2,
    ＡＢ: 4,
    ﾊﾝｶｸ: 4,
  }
  for (const line of lines.slice(1)) {
    const { name, spaces } = widthBefore(line)
    expect((shown[name] ?? 0) + spaces, line).toBe(5 + 2)
  }
})
