// What `tollgate doctor` says of a server that may lose what was acknowledged.
import { describe, expect, test } from 'vitest'
import { judge } from '../../../src/db/postgres/checks/durability.ts'
import { storeAt } from '../../../src/db/store-at.ts'
import { hasPostgres } from '../../support/stores/postgres-server.ts'
import { postgres } from '../../support/stores/postgres.ts'

const found = { fsync: 'on', waitsFor: 'on', standbyNames: '', standbys: [] }
const named = { ...found, standbyNames: 'ANY 1 (*)' }

describe('a server', () => {
  test.each([
    ['with no standby', found, 'no standby'],
    ['with a standby that it waits for', { ...named, standbys: ['quorum', 'async'] }, '1 of 2 standbys'],
    ['whose standbys the user may not see', { ...named, standbys: [null] }, 'may not see'],
  ])('%s is well', (_which, replication, words) => {
    const { kept, risks } = judge(replication)
    expect(risks).toEqual([])
    expect(kept).toContain(words)
  })

  test.each([
    ['that waits for no standby', { ...found, standbys: ['async'] }, ['synchronous_standby_names is empty']],
    ['that waits for none it may see', { ...found, standbys: [null, null] }, ['2 standbys connected']],
    [
      'whose commits are local',
      { ...named, waitsFor: 'local', standbys: ['async'] },
      ['synchronous_commit is local'],
    ],
    ['whose synchronous standby is away', named, ['waits in vain']],
    ['whose other standbys alone are there', { ...named, standbys: ['async'] }, ['waits in vain']],
    ['that does not sync', { ...found, fsync: 'off' }, ['fsync is off']],
    [
      'that does neither',
      { ...found, fsync: 'off', standbys: ['async'] },
      ['fsync is off', 'synchronous_standby_names is empty'],
    ],
  ])('%s is warned of', (_which, replication, words) => {
    const { risks } = judge(replication)
    expect(risks).toEqual(words.map((each) => expect.stringContaining(each)))
  })
})

describe.skipIf(!hasPostgres)('PostgreSQL', () => {
  test('is asked for its settings and its standbys, and a store in a file is not', async () => {
    const databaseUrl = postgres.newUrl()
    await postgres.placeFresh(databaseUrl)
    expect(await storeAt(databaseUrl).durability()).toMatchObject({
      kept: expect.stringMatching(/^on the disk/),
    })
    expect(await storeAt('file:./tollgate.db').durability()).toBeNull()
  })
})
