// `tollgate migrate-store` as operators run it: what it prints and where, its exit codes, and no password anywhere.
import { describe, expect, test } from 'vitest'
import { storeAt } from '../../../src/db/store-at.ts'
import { cleanUpAfterwards, newFolder, tollgate } from '../../cli/command.ts'
import { dialects } from '../../support/test-store.ts'
import { filledFile } from './filled.ts'

cleanUpAfterwards()

const passwordOf = (url: string): string => (url.startsWith('file:') ? 'no password' : new URL(url).password)

describe.each(dialects)('to $name', ({ newUrl }) => {
  test('data goes to stdout, words to stderr, and what is not in a store is named', async () => {
    const [folder, from, to] = [newFolder(), `file:${filledFile()}`, newUrl()]
    const { code, json, stdout, stderr } = await tollgate(folder, [
      'migrate-store',
      '--from',
      from,
      '--to',
      to,
      '--json',
    ])
    expect([code, json.ok, json.from, json.to, json.resumed]).toEqual([
      0,
      true,
      storeAt(from).name,
      storeAt(to).name,
      false,
    ])
    expect(json.tables).toMatchObject({ accounts: 3, tasks: 84 })
    const paths = json.not_in_it.map(({ path }: { path: string }) => path)
    for (const name of ['sealing.key', 'media', 'archive', 'test']) {
      expect(paths).toContainEqual(expect.stringMatching(`/data/${name}$`))
    }
    for (const words of [
      'is whole',
      'Everything is copied',
      'Every row',
      'both ledgers add up',
      'marked as moved',
    ]) {
      expect(stderr).toContain(words)
    }
    expect(stdout + stderr).not.toContain(passwordOf(to))
  })

  test('neither serve nor any other command opens what was moved, and doctor says why', async () => {
    const [folder, from, to] = [newFolder(), `file:${filledFile()}`, newUrl()]
    const moved = await tollgate(folder, ['migrate-store', '--from', from, '--to', to])
    expect(moved.code).toBe(0)
    expect(moved.stdout).toMatch(/rows of \d+ tables, each compared; \d+ entries of 3 accounts add up/)
    expect(moved.stderr).toContain(`Now set DATABASE_URL to ${storeAt(to).name}`)
    const env = { DATABASE_URL: from }
    for (const args of [
      ['serve', '--sandbox'],
      ['accounts', 'list'],
    ]) {
      const { code, stderr } = await tollgate(folder, args, { env })
      expect(code, args.join(' ')).toBe(1)
      expect(stderr).toContain(`was moved to ${storeAt(to).name}`)
      expect(stderr).not.toContain(passwordOf(to))
    }
    const doctor = await tollgate(folder, ['doctor', '--json'], { env })
    expect(doctor.json.findings).toContainEqual(expect.objectContaining({ check: 'move', state: 'wrong' }))
    const listed = await tollgate(folder, ['accounts', 'list', '--json'], { env: { DATABASE_URL: to } })
    expect(listed.json.accounts).toHaveLength(3)
    const again = await tollgate(folder, ['migrate-store', '--from', from, '--to', to, '--json'])
    expect([again.code, again.json.ok]).toEqual([1, false])
  })
})

test('a URL that cannot be read is refused with 78 and not repeated, a missing option with 2', async () => {
  const folder = newFolder()
  const wrong = 'postgres://me:s3cr3t/word@db.example/shop:x'
  for (const [option, args] of [
    ['--from', ['--from', wrong, '--to', 'file:b.db']],
    ['--to', ['--from', 'file:a.db', '--to', 'mysql://me:s3cr3t@db/x']],
  ] as const) {
    const { code, stdout, stderr } = await tollgate(folder, ['migrate-store', ...args])
    expect([code, stderr.startsWith(option)]).toEqual([78, true])
    expect(stdout + stderr).not.toContain('s3cr3t')
  }
  expect((await tollgate(folder, ['migrate-store', '--from', 'file:a.db'])).code).toBe(2)
  expect((await tollgate(folder, ['migrate-store', '--from', 'file:a.db', '--to', 'file:b.db'])).code).toBe(1)
})
