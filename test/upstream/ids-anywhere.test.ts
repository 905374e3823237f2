// An id in Keevx's form names paid work wherever it stands in the answer to a submit, unless we sent it ourselves.
import { describe, expect, test } from 'vitest'
import { scanForIds, Sent } from '../../src/upstream/answers/id-scan.ts'
import {
  adapterFor,
  hasty,
  imageOrder,
  key,
  rawStandIn,
  standIn,
  submitAnswered,
  submitTo,
  reply,
} from './stand-in.ts'

const a = 'i2is-a1b2c3d4e5f6'
const b = 'i2is-0d88567fd0aa4f7796e8ccd576ea7008'
const ok = (data: unknown, more: object = {}) => ({ code: 0, msg: 'ok', data, ...more })
const text = JSON.stringify(ok({ task_ids: [a, b] }))
const many = (members: number) =>
  Object.fromEntries(Array.from({ length: members }, (_, at) => [`k${at}`, 1]))

test.each<[string, unknown]>([
  ['as the id of the data', ok({ id: a, others: [{ id: b }] })],
  ['by the documented name in capitals', ok({ TASK_IDS: [a, b] })],
  ['by the documented name in other words', ok({ 'Task-Ids': [a, b] })],
  ['one level deeper', ok({ result: { task_ids: [a, b] } })],
  ['two levels deeper', ok({ results: { tasks: [{ task_id: a }, { taskId: b }] } })],
  ['beside data', { code: 0, msg: 'ok', task: { ids: [a, b] } }],
  ['under an unknown name', ok({ jobs: { first: a, second: b } })],
  ['sixty lists deep', `{"code":0,"data":{"task_ids":${'['.repeat(60)}"${a}","${b}"${']'.repeat(60)}}}`],
  ['deeper than anything is parsed', `{"x":${'['.repeat(5_000)}"${a}","${b}"${']'.repeat(5_000)}}`],
  ['in a bare list of tasks', [{ task_id: a }, { task_id: b }]],
  ['in a bare list', [a, b]],
  ['before a line break', `${text}\n`],
  ['before another document', `${text}\n{"x":1}`],
  ['before a word', `${text} garbage "i2is-99999999"`],
  ['before a comma', `${text},`],
  ['with a comma too many', text.replace(']', ',]')],
  ['behind a mark', `\ufeff${text}`],
  ['behind two marks', `\ufeff\ufeff${text}`],
  ['in UTF-16', Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['beside more members than are parsed', ok({ task_ids: [a, b] }, many(15_000))],
  ['in front of them', `{"data":{"task_ids":["${a}","${b}"]},${JSON.stringify(many(15_000)).slice(1)}`],
  ['beside 100 000 brackets', `{"x":[${'[],'.repeat(50_000)}0],"task_ids":["${a}","${b}"]}`],
  ['with letters escaped', text.replaceAll('i2is-', String.raw`i2is\u002d`)],
  ['in JSON within a text', ok(undefined, { body: JSON.stringify({ ids: [a, b] }) })],
  ['each under the same name', `{"code":0,"task_id":"${a}","task_id":"${b}"}`],
])('is read: %s', async (_name, body) => {
  const taskIds = expect.arrayContaining([a, b]) as unknown
  const answered = await submitAnswered('image', 200, body)
  expect(answered).toEqual({ kind: 'accepted', taskIds })
  expect(answered).toHaveProperty('taskIds.length', 2)
})

test('an id that is no documented one is read by its documented name, in any case and two levels down', async () => {
  for (const data of [
    { TASK_IDS: ['a', 'b'] },
    { result: { task_ids: ['a', 'b'] } },
    { data: { result: { taskIds: ['a', 'b'] } } },
  ]) {
    expect(await submitAnswered('image', 200, ok(data))).toEqual({ kind: 'accepted', taskIds: ['a', 'b'] })
  }
  expect(await submitAnswered('image', 200, [{ task_id: 'a' }])).toMatchObject({ taskIds: ['a'] })
  expect(await submitAnswered('image', 200, ok({ id: 'request-17' }))).toMatchObject({ kind: 'unknown' })
})

test.each<[string, unknown]>([
  ['a part of a message', ok({ note: `work ${a} began` })],
  ['a part of a URL', ok({ url: `https://cdn.example/${a}` })],
  ['a word of that form without a digit', ok({ quality: 'i2v-turbo' })],
  ['a mode of that form', ok({ mode: 'i2v-turbo-2' })],
  ['the name of a member', ok({ [a]: { at: 1 } })],
  ['in a page', `<a id="${a}">`],
  ['a bare text', JSON.stringify(a)],
  ['cut in its midst', `{"code":0,"data":{"task_ids":["${a}`],
  ['behind the end of the document', `{"code":0} and "${a}"`],
])('is not read: %s', async (_name, body) => {
  expect(await submitAnswered('image', 200, body)).toMatchObject({ kind: 'unknown' })
})

test.each<[string, unknown]>([
  ['before it, of another name', { code: 0, trace_id: b, data: { jobs: [{ id: a }] } }],
  ['a model before it', ok({ model: 'i2is-pro-v2', job: { id: a } })],
  ['words of no name that look like one', ok({ running: [b], worker: 'i2is-node-17', task: a })],
  ['a session and a request', ok({ session: b, request_id: b, job: a })],
])('what only looks like an id is none beside one: %s', async (_name, body) => {
  expect(await submitAnswered('video', 200, body)).toEqual({ kind: 'accepted', taskIds: [a] })
})

test('beside 429 an id is believed under its name alone', async () => {
  const running = { code: 429, data: { running: [a], limit: 1 } }
  expect(await submitAnswered('image', 429, running)).toMatchObject({ kind: 'rate_limited' })
  const named = { code: 429, job: { task_ids: [a] } }
  expect(await submitAnswered('image', 429, named)).toMatchObject({ kind: 'accepted', taskIds: [a] })
})

test('the trace of an error is no work', async () => {
  const failed = { code: 500, msg: 'no', trace_id: 'i2is-5f3a9c1177' }
  expect(await submitAnswered('image', 503, failed)).toMatchObject({ kind: 'ambiguous' })
})

test.each(['none', 'NULL', 'undefined', 'false', 'n/a', '0', '-', '-1', '000', '--', 0, -1, false])(
  'where %j stands in the place of an id there is none',
  async (nothing) => {
    for (const data of [{ task_id: nothing }, { task_ids: [nothing] }, [{ task_id: nothing }]]) {
      expect(await submitAnswered('image', 429, { code: 429, data })).toMatchObject({ kind: 'rate_limited' })
      expect(await submitAnswered('image', 503, { code: 503, data })).toMatchObject({ kind: 'ambiguous' })
      expect(await submitAnswered('image', 200, ok(data))).toMatchObject({ kind: 'unknown' })
    }
  },
)

describe('what we sent ourselves', () => {
  const echoed = async (
    prompt: string,
    answer: (sent: { prompt: string; callback_url: string }) => unknown,
  ) => {
    const { url } = await standIn((response, { body }) =>
      reply(response, 200, answer(JSON.parse(body.toString()) as { prompt: string; callback_url: string })),
    )
    const callbackUrl = `https://gate.example/callbacks/keevx/att_1/${b}`
    const signal = new AbortController().signal
    return await adapterFor(url).submit(
      { ...imageOrder, prompt },
      { key, signal, orderKey: 'req_1-1', callbackUrl },
    )
  }

  test.each<[string, string]>([
    ['an id alone', a],
    ['an id among words', `like ${a}, but blue`],
    ['an id in capitals', a.toUpperCase()],
    ['a list of ids', `["${a}"]`],
    ['an answer', text],
    ['an answer with a letter escaped', String.raw`["i2is\u002da1b2c3d4e5f6"]`],
    ['an answer in an answer', JSON.stringify([JSON.stringify([String.raw`i2is\u002da1b2c3d4e5f6`])])],
  ])('names no work when it is repeated: %s', async (_name, prompt) => {
    const answers = [
      (sent: object) => ok(sent),
      (sent: object) => ok({ request: { id: a, ...sent } }),
      (sent: object) => JSON.stringify([sent, sent]) + ',',
      (sent: object) => ok({ echo: JSON.stringify(sent) }),
      ({ callback_url }: { callback_url: string }) => ok({ token: callback_url.split('/').at(-1) }),
    ]
    for (const answer of answers) {
      expect(await echoed(prompt, answer)).toMatchObject({ kind: 'unknown' })
    }
  })

  test.each<[string, string]>([
    ['plainly', JSON.stringify({ task_ids: [a] })],
    ['with a letter escaped', String.raw`{"task_ids":["i2is\u002da1b2c3d4e5f6"]}`],
    ['in another form', JSON.stringify({ task_id: 'work-17-of-mine' })],
  ])('names no work where its words stand in the place of ids: %s', async (_name, prompt) => {
    for (const name of ['data', 'result', 'output']) {
      expect(await echoed(prompt, (sent) => ({ code: 100_001, [name]: sent.prompt }))).not.toMatchObject({
        kind: 'accepted',
      })
    }
  })

  test('names no work where its echo was decoded once more than it was sent', async () => {
    const prompt = String.raw`["i2is\u005cu002da1b2c3d4e5f6"]`
    const answered = await echoed(prompt, (sent) => ok({ echo: sent.prompt.replaceAll('u005cu', 'u') }))
    expect(answered).toMatchObject({ kind: 'unknown' })
  })

  test('hides no work that is named beside it', async () => {
    const other = 'i2is-77777777'
    const answered = await echoed(text, (sent) => ok({ sent, result: { job: other } }))
    expect(answered).toEqual({ kind: 'accepted', taskIds: [other] })
  })
})

describe('an answer that breaks off', () => {
  const head = 'HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n'

  test.each(['end', 'resetAndDestroy', 'nothing'] as const)(
    'tells the ids that stood in what arrived, and whether some may be missing: %s',
    async (then) => {
      const cut = async (body: string) => {
        const { url } = await rawStandIn((socket) =>
          socket.write(head + body, () => then !== 'nothing' && setTimeout(() => socket[then](), 20)),
        )
        return await submitTo(adapterFor(url, hasty))
      }
      expect(await cut(text.slice(0, -3))).toEqual({ kind: 'accepted', taskIds: [a, b] })
      expect(await cut(text.slice(0, text.indexOf(b) + 9))).toEqual({
        kind: 'accepted',
        taskIds: [a],
        isCut: true,
      })
    },
  )

  test('because it is too long tells those before the cut, to the last byte', async () => {
    const start = (filler: number) =>
      `{"msg":"${'m'.repeat(filler)}",${text.slice(1, text.indexOf(b) + b.length + 1)}`
    const long = start(1024 * 1024 - start(0).length)
    expect(long).toHaveLength(1024 * 1024)
    expect(await submitAnswered('image', 200, `${long}]}}${' '.repeat(100_000)}`)).toEqual({
      kind: 'accepted',
      taskIds: [a, b],
    })
    expect(
      await submitAnswered('image', 200, `${start(1024 * 1024 - start(0).length + 1)}]}}`),
    ).toMatchObject({
      taskIds: [a],
      isCut: true,
    })
    const beyond = `{"msg":"${'m'.repeat(1024 * 1024)}",${text.slice(1)}`
    expect(await submitAnswered('image', 200, beyond)).toMatchObject({ kind: 'unknown' })
  })
})

describe('one walk', () => {
  const scan = { sent: new Sent('x'), wanted: 1, max: 66 }
  const id = (at: number) => `"i2is-${String(at).padStart(8, '0')}"`

  test('takes what was ordered and a bounded rest, and counts the others', () => {
    const ids = Array.from({ length: 5_000 }, (_, at) => id(at)).join()
    const found = scanForIds(`{"x":[${ids}]}`, scan)
    expect(found.ids).toHaveLength(66)
    expect(found.omitted).toBe(5_000 - 66)
  })

  test('compares a bounded number of texts with what was sent', () => {
    const sent = Array.from({ length: 2_000 }, (_, at) => id(at)).join()
    const found = scanForIds(`[${sent},"i2is-12345678"]`, { ...scan, sent: new Sent(sent) })
    expect(found).toEqual({ ids: [], omitted: 1_001 })
  })

  test('of a text grows as the text does, whatever it is made of', () => {
    const pieces = [
      '[',
      '{',
      '"',
      '\\',
      '"\\"',
      '["',
      ',',
      '"a":',
      '"i2is-',
      '"[',
      '"{\\"',
      '\u0000',
      ' ',
      '}',
      '[]',
      '"i2v-1234"',
    ]
    for (const piece of pieces) {
      for (const start of ['{', '[', '"']) {
        const long = start + piece.repeat(Math.floor(1_000_000 / piece.length))
        expect(() => scanForIds(long, scan)).not.toThrow()
      }
    }
  })
})
