// The end of a turn's reads: nobody asked for it, so what fails there must not end the process.
import Sqlite from 'better-sqlite3'
import { expect, test, vi } from 'vitest'
import { shareReads } from '../../src/db/sqlite/reader.ts'

test('a store that fails between two turns is told to the next read, and to nobody before', () => {
  const client = new Sqlite(':memory:')
  const prepare = client.prepare.bind(client)
  let ends = 0
  client.prepare = ((sql: string) => {
    const statement = prepare(sql)
    if (sql === 'COMMIT')
      statement.run = () => {
        ends += 1
        throw new Error('database disk image is malformed')
      }
    return statement
  }) as typeof client.prepare
  const reader = shareReads(client)
  const ofTurnEnd = vi.spyOn(globalThis, 'setImmediate').mockReturnValueOnce(undefined as never)
  reader.current()
  const [endOfTurn] = ofTurnEnd.mock.calls[0] ?? []
  ofTurnEnd.mockRestore()
  expect(() => endOfTurn?.()).not.toThrow()
  expect(ends).toBe(1)
  expect(() => reader.current()).toThrow()
  client.close()
})
