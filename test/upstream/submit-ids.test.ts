// Ids are paid work: read wherever they can mean one thing only, whatever stands beside them, and however many.
import { describe, expect, test } from 'vitest'
import { orders, submitAnswered, type Which } from './stand-in.ts'

const endpoints: Which[] = ['image', 'video']
const ok = { code: 0, msg: 'ok', data: { task_ids: ['i2is-a', 'i2is-b'] } }

describe.each(endpoints)('%s', (which) => {
  test.each([200, 302, 400, 401, 403, 404, 408, 429, 500, 503])(
    'ids name paid work whatever stands beside them (HTTP %i): asking again would pay twice',
    async (status) => {
      const { data } = ok
      const codes = [
        {},
        { code: 0 },
        { code: '0' },
        { code: 200 },
        { code: 777 },
        { code: null },
        { code: false },
      ]
      const documented = [100001, 100002, 530003].map((code) => ({ code }))
      const outcomes = await Promise.all(
        [...codes, ...documented].map((code) => submitAnswered(which, status, { ...code, data })),
      )
      for (const outcome of outcomes) {
        expect(outcome).toEqual({ kind: 'accepted', taskIds: ['i2is-a', 'i2is-b'] })
      }
    },
  )

  test.each<[string, unknown, string[]]>([
    ['a text of one', { task_ids: 'i2v-a' }, ['i2v-a']],
    ['a text with commas', { task_ids: 'i2v-a, i2v-b' }, ['i2v-a', 'i2v-b']],
    ['a text that is a list', { task_ids: '["i2v-a","i2v-b"]' }, ['i2v-a', 'i2v-b']],
    ['one alone', { task_id: 'i2v-a' }, ['i2v-a']],
    ['in camel case', { taskIds: ['i2v-a'] }, ['i2v-a']],
    ['with spaces around', { task_ids: [' i2v-a\n', '\ti2v-b'] }, ['i2v-a', 'i2v-b']],
    ['as numbers', { task_ids: [7, 12] }, ['7', '12']],
    ['each in a list', { task_ids: [['i2v-a'], ['i2v-b']] }, ['i2v-a', 'i2v-b']],
    ['as objects', { task_ids: [{ task_id: 'i2v-a' }, { id: 'i2v-b' }] }, ['i2v-a', 'i2v-b']],
    ['by place', { task_ids: { 0: 'i2v-a', 1: 'i2v-b' } }, ['i2v-a', 'i2v-b']],
    ['a list of tasks', [{ task_id: 'i2v-a' }, { task_id: 'i2v-b' }], ['i2v-a', 'i2v-b']],
    ['a list of documented ids', ['i2v-a', 'i2is-b'], ['i2v-a', 'i2is-b']],
    ['data written into a text', JSON.stringify({ task_ids: ['i2v-a'] }), ['i2v-a']],
  ])('ids are read where they can mean one thing only: %s', async (_name, data, taskIds) => {
    expect(await submitAnswered(which, 200, { code: 0, msg: 'ok', data })).toEqual({
      kind: 'accepted',
      taskIds,
    })
  })

  test('ids of more digits than a number holds keep all of them, also outside of data', async () => {
    const body = '{"code":0,"task_ids":[123456789012345678901, 9007199254740993,12,"a 9007199254740993"]}'
    expect(await submitAnswered(which, 200, body)).toEqual({
      kind: 'accepted',
      taskIds: ['123456789012345678901', '9007199254740993', '12'],
    })
  })

  test.each([20_000, 50_000])(
    'of %i ids those that were ordered and a bounded rest are read',
    async (many) => {
      const task_ids = Array.from({ length: many }, (_, at) => `i2v-${at}`)
      const answered = await submitAnswered(
        which,
        200,
        { code: 0, data: { task_ids } },
        {},
        { submitTimeoutMs: 20_000 },
      )
      const { count } = orders[which]
      expect(answered).toEqual({
        kind: 'accepted',
        taskIds: task_ids.slice(0, count + 64),
        idsOmitted: many - count - 64,
      })
    },
  )

  test('a thousand entries that are no ids, or one id a thousand times, are looked at no further', async () => {
    const twice = { code: 0, data: { task_ids: Array(30_000).fill('i2v-a') } }
    expect(await submitAnswered(which, 200, twice)).toEqual({
      kind: 'accepted',
      taskIds: ['i2v-a'],
      idsOmitted: 29_000,
    })
    const none = { code: 0, data: { task_ids: [...Array(1_000).fill(null), 'i2v-a'] } }
    expect(await submitAnswered(which, 200, none)).toMatchObject({ kind: 'unknown' })
  })
})
