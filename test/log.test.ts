// Secrets handed to the log by mistake do not stand in it, and a slow reader of the log blocks nothing.
import { afterEach, expect, test, vi } from 'vitest'
import { createLog, createOutput } from '../src/log.ts'

afterEach(() => void vi.useRealTimers())

function lineOf(fields: object): Record<string, unknown> {
  const lines: string[] = []
  createLog('info', { write: (line) => void lines.push(line) }).info(fields, 'happened')
  return JSON.parse(lines.join('')) as Record<string, unknown>
}

const secret = 'sk-canary'

test.each(['authorization', 'cookie', 'key', 'token', 'secret', 'password', 'apiKey', 'adminToken'])(
  'a field called %s is cut out',
  (name) => {
    const line = lineOf({ [name]: secret, task: 'task_1' })
    expect(JSON.stringify(line)).not.toContain(secret)
    expect(line).toMatchObject({ [name]: '[secret]', task: 'task_1', msg: 'happened', level: 'info' })
  },
)

test.each(['authorization', 'cookie'])('so is the header %s', (name) => {
  const line = lineOf({ headers: { [name]: secret, host: 'example.com' } })
  expect(line).toMatchObject({ headers: { [name]: '[secret]', host: 'example.com' } })
})

const busy = () => Object.assign(new Error('the reader is slow'), { code: 'EAGAIN' })

/** A pipe that takes bytes only while its reader reads, and so many at once. */
function pipe(takesAtOnce = Infinity) {
  const state = { isRead: true, tries: 0, text: '' }
  const put = (bytes: Buffer): number => {
    state.tries += 1
    if (!state.isRead) throw busy()
    const taken = bytes.subarray(0, takesAtOnce)
    state.text += taken.toString()
    return taken.length
  }
  const output = createOutput(put)
  return { state, output, log: createLog('info', output) }
}

const numbersIn = (text: string): number[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { n?: number })
    .flatMap(({ n }) => n ?? [])

test('a slow reader is waited for by no line, and gets all of them in their order once it reads', () => {
  vi.useFakeTimers()
  const { state, log } = pipe(7)
  state.isRead = false
  const wait = vi.spyOn(Atomics, 'wait')
  for (let n = 0; n < 500; n += 1) log.info({ n }, 'happened')
  log.error({ n: 500 }, 'not the last one')
  vi.advanceTimersByTime(0)
  expect(wait).not.toHaveBeenCalled()
  expect(state.tries).toBe(1)
  state.isRead = true
  vi.advanceTimersByTime(20)
  expect(numbersIn(state.text)).toEqual(Array.from({ length: 501 }, (_, n) => n))
  log.info({ n: 501 }, 'happened')
  vi.advanceTimersByTime(0)
  expect(numbersIn(state.text)).toHaveLength(502)
  wait.mockRestore()
})

test('the lines of one turn are written at once, and a fatal one takes those before it along', () => {
  vi.useFakeTimers()
  const { state, log } = pipe()
  for (let n = 0; n < 5; n += 1) log.info({ n }, 'happened')
  expect(state.tries).toBe(0)
  vi.advanceTimersByTime(0)
  expect(state.tries).toBe(1)
  log.info({ n: 5 }, 'happened')
  log.fatal({ n: 6 }, 'the end')
  expect(state.tries).toBe(2)
  expect(numbersIn(state.text)).toEqual([0, 1, 2, 3, 4, 5, 6])
})

test('what a slow reader costs in memory is bounded, and it learns how many lines it missed', () => {
  vi.useFakeTimers()
  const { state, log } = pipe()
  state.isRead = false
  const lines = 20_000
  for (let n = 0; n < lines; n += 1) log.info({ n, pad: 'x'.repeat(100) }, 'happened')
  state.isRead = true
  vi.advanceTimersByTime(20)
  const kept = numbersIn(state.text).length
  expect(Buffer.byteLength(state.text)).toBeLessThan(1.1 * 1024 * 1024)
  log.info({ n: lines }, 'reads again')
  vi.advanceTimersByTime(0)
  const [note, last] = state.text.trim().split('\n').slice(-2)
  expect(JSON.parse(note ?? '')).toMatchObject({ level: 'warn', dropped: lines - kept })
  expect(JSON.parse(last ?? '')).toMatchObject({ n: lines })
})

test('a fatal line waits for the reader, for it may be the last one, but not for ever', () => {
  const { state, log } = pipe()
  state.isRead = false
  log.info({ n: 1 }, 'happened')
  const wait = vi.spyOn(Atomics, 'wait').mockImplementation(() => {
    if (wait.mock.calls.length === 3) state.isRead = true
    return 'timed-out'
  })
  log.fatal({ n: 2 }, 'the end')
  expect(numbersIn(state.text)).toEqual([1, 2])
  expect(wait).toHaveBeenCalledTimes(3)
  state.isRead = false
  wait.mockReset().mockReturnValue('timed-out')
  log.fatal({ n: 3 }, 'again')
  expect(wait.mock.calls.length).toBeLessThanOrEqual(20)
  wait.mockRestore()
})

test('the end of the process waits for the reader as well', () => {
  vi.useFakeTimers()
  const { state, log, output } = pipe()
  state.isRead = false
  log.info({ n: 1 }, 'happened')
  state.isRead = true
  output.finish()
  expect(numbersIn(state.text)).toEqual([1])
})

test('a reader that has gone costs lines, and nothing else', () => {
  const gone = createOutput(() => {
    throw Object.assign(new Error('the pipe is closed'), { code: 'EPIPE' })
  })
  const log = createLog('info', gone)
  const wait = vi.spyOn(Atomics, 'wait')
  for (let n = 0; n < 100; n += 1) log.info({ n }, 'happened')
  log.fatal('the end')
  expect(wait).not.toHaveBeenCalled()
  wait.mockRestore()
})
