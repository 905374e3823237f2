// What src/db/postgres/link/prepared relies on inside the driver: an upgrade of pg that changes it fails here first.
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Link } from '../../../src/db/postgres/link/link.ts'
import { dialects } from '../../support/test-store.ts'

const urls = dialects.filter(({ scheme }) => scheme === 'postgres:')
const terms = { name: 'test', statementMs: 5_000, lockMs: 1_000, idleMs: 1_000 }
const named = (name: string, text: string, values: readonly unknown[] = []) =>
  ({ name, text, values, rowMode: 'array' }) as const

describe.each(urls)('$name', (dialect) => {
  async function open(pipelined: boolean): Promise<Link> {
    const url = dialect.newUrl()
    await dialect.placeFresh(url)
    const link = await Link.open(url, { ...terms, pipelined })
    onTestFinished(() => link.close())
    return link
  }

  test.each([false, true])('a statement is described once (pipelined: %s)', async (pipelined) => {
    const link = await open(pipelined)
    const messages: string[] = []
    const { prototype } = pg.Connection as unknown as { prototype: Record<string, (input: unknown) => void> }
    for (const name of ['parse', 'describe', 'bind', 'execute', 'sync']) {
      const sent = prototype[name]
      prototype[name] = function note(input) {
        messages.push(name)
        sent?.call(this, input)
      }
      onTestFinished(() => void Object.assign(prototype, { [name]: sent }))
    }
    const twice = named('twice', 'SELECT $1::bigint * 2, $2::text, $3::boolean')
    const ask = async (values: readonly unknown[]) => (await link.run({ ...twice, values })).rows
    expect(await ask([4, 'a', true])).toEqual([[8, 'a', true]])
    expect(messages).toEqual(['parse', 'bind', 'describe', 'execute', 'sync'])
    messages.length = 0
    expect(await ask([5, null, false])).toEqual([[10, null, false]])
    expect(messages).toEqual(['bind', 'execute', 'sync'])
  })

  test.each([false, true])(
    'statements that are sent together keep their rows (pipelined: %s)',
    async (pipelined) => {
      const link = await open(pipelined)
      const numbers = named(
        'numbers',
        'SELECT number, number::text FROM generate_series(1, $1::bigint) AS number',
      )
      const none = named('none', "UPDATE accounts SET name = 'x' WHERE id = $1")
      for (let round = 0; round < 3; round += 1) {
        const [two, nothing, one] = await Promise.all([
          link.run({ ...numbers, values: [2] }),
          link.run({ ...none, values: ['acc_none'] }),
          link.run({ ...numbers, values: [1] }),
        ])
        expect(two.rows).toEqual([
          [1, '1'],
          [2, '2'],
        ])
        expect(nothing.rows).toEqual([])
        expect(one.rows).toEqual([[1, '1']])
      }
    },
  )

  test('what the server refuses, and what cannot be read, fails alone, also when it is known', async () => {
    const link = await open(false)
    const divide = named('divide', 'SELECT 12::bigint / $1::bigint')
    const large = named('large', 'SELECT $1::bigint')
    for (let round = 0; round < 2; round += 1) {
      expect((await link.run({ ...divide, values: [4] })).rows).toEqual([[3]])
      await expect(link.run({ ...divide, values: [0] })).rejects.toMatchObject({ code: '22012' })
      await expect(link.run({ ...large, values: ['9007199254740993'] })).rejects.toThrow(RangeError)
      expect((await link.run({ ...large, values: [7] })).rows).toEqual([[7]])
    }
  })

  test('an answer that does not come in time ends the connection', async () => {
    const link = await open(false)
    const sleep = named('sleep', 'SELECT pg_sleep($1::float8)')
    await link.run({ ...sleep, values: [0] })
    await expect(link.run({ ...sleep, values: [5], timeoutMs: 50 })).rejects.toThrow()
    expect(link.isOpen).toBe(false)
  })
})
