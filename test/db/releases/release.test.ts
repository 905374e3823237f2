// A run on another release of PostgreSQL is one: a wrong path would pass on the machine's own.
import { expect, test } from 'vitest'
import { hasPostgres, onServer } from '../../support/stores/postgres-server.ts'

const release = process.env['POSTGRES_RELEASE']

test.skipIf(!hasPostgres || release === undefined)(
  'the server is of the release that was asked for',
  async () => {
    const { rows } = await onServer(async (client) => await client.query('SHOW server_version'))
    expect(rows[0].server_version).toMatch(new RegExp(`^${release}\\.`))
  },
)
