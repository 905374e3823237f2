// What is handed to the log by mistake does not stand in it, and the rest does.
import { expect, test } from 'vitest'
import { createLog } from '../src/log.ts'

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
