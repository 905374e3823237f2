// A folder or file that a command was given and cannot use: one line that names it and says why, and exit 1.
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { seed } from '../bench/growth/seed.ts'
import { cleanUpAfterwards, newFolder, storeIn, tollgate } from './command.ts'
import { storeAt } from '../../src/db/store-at.ts'

cleanUpAfterwards()

const template = newFolder()
beforeAll(async () => {
  mkdirSync(join(template, 'data'))
  const store = storeIn(template)
  await storeAt(store.databaseUrl).make()
  const [nowMs, spanMs] = [Date.now(), 100 * 24 * 60 * 60_000]
  await seed(store, { tasks: 20, queued: 0, running: 0, accounts: 1, oldDeliveries: 0, nowMs, spanMs })
  await tollgate(template, ['backup', 'copy.db'])
})

function folderWith(spoil: (folder: string) => void): string {
  const folder = newFolder()
  cpSync(template, folder, { recursive: true })
  spoil(folder)
  return folder
}

const broken: Record<string, (path: string) => void> = {
  'a file': (path) => writeFileSync(path, 'no store'.repeat(99)),
  'a link that leads nowhere': (path) => symlinkSync('/nowhere/at/all', path),
  'a link to itself': (path) => symlinkSync(path, path),
  'a link to a file system that cannot be written': (path) => symlinkSync('/proc/self', path),
}

const commands: Record<string, { args: string[]; at: string; after?: (folder: string) => void }> = {
  'archive, whose folder': { args: ['archive', '--older-than', '1d'], at: 'data/archive' },
  'backup to where': { args: ['backup', 'b.db'], at: 'b.db' },
  'backup into what': { args: ['backup', 'b/x.db'], at: 'b' },
  'restore of what': { args: ['restore', 'r.db'], at: 'r.db' },
  'restore from what': { args: ['restore', 'r/x.db'], at: 'r' },
  'a demo, whose folder': { args: ['demo'], at: 'data/demo' },
  'a start, whose store': {
    args: ['serve', '--sandbox'],
    at: 'data/tollgate.db',
    after: (folder) => rmSync(join(folder, 'data/tollgate.db.lock'), { force: true }),
  },
  'an archive, whose store': { args: ['archive', '--older-than', '1d'], at: 'data/tollgate.db' },
  'a start, whose DATA_DIR': { args: ['serve', '--sandbox'], at: 'data' },
}

describe.each(Object.entries(commands))('%s is', (_command, { args, at, after }) => {
  test.each(Object.entries(broken))('%s', async (_what, spoil) => {
    const folder = folderWith((made) => {
      rmSync(join(made, at), { recursive: true, force: true })
      spoil(join(made, at))
      after?.(made)
    })
    const { code, said, stdout } = await tollgate(folder, args)
    expect(said).not.toMatch(/^\s+at /m)
    expect(said.trimEnd().split('\n'), said).toHaveLength(1)
    expect(said).toContain(folder)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  })
})

test('what could not be archived is in the store still, and goes when the folder can be used', async () => {
  const folder = folderWith((made) => writeFileSync(join(made, 'data/archive'), 'x'))
  const archive = async () => await tollgate(folder, ['archive', '--older-than', '1d', '--json'])
  const refused = await archive()
  expect(refused).toMatchObject({ code: 1, json: { ok: false, problems: [expect.any(String)] } })
  expect(refused.json.problems[0]).toBe(
    `${join(folder, 'data/archive')} cannot be used: a file is there, where there has to be a folder ` +
      '(EEXIST, mkdir). Nothing more was done; mend it and run the command again.',
  )
  expect(readFileSync(join(folder, 'data/archive'), 'utf8')).toBe('x')
  rmSync(join(folder, 'data/archive'))
  expect((await archive()).json).toMatchObject({ orders: expect.any(Number), files: [expect.any(String)] })
  expect((await tollgate(folder, ['ledger', 'verify', '--json'])).json).toMatchObject({ ok: true, drift: [] })
})
