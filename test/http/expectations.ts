// What every failure has to look like, and the bytes of a connection as they come.
import { connect } from 'node:net'
import { expect } from 'vitest'
import type { ErrorType } from '../../src/errors.ts'
import type { Answer } from '../support/gateway.ts'
import { quickYaml } from '../support/gateway.ts'

interface Failure {
  readonly type: ErrorType
  readonly status?: number
  readonly field?: string
}

/** The whole envelope, with nothing in it that was not promised. */
export function expectFailure(answer: Answer, { type, status = 200, field }: Failure): void {
  const { json } = answer
  expect({ status: answer.status, type: json?.error?.type, field: json?.error?.field }, answer.text).toEqual({
    status,
    type,
    field,
  })
  expect(json).toEqual({
    code: 0,
    msg: expect.stringMatching(/\S/),
    data: null,
    error: {
      type,
      message: expect.stringMatching(/\S/),
      request_id: answer.headers.get('x-request-id'),
      ...(field === undefined ? {} : { field }),
    },
  })
  expect(answer.headers.get('x-request-id')).toMatch(/^req_[0-9a-z]{27}$/)
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
}

/** The settings of the other tests, with these limits. */
export const withLimits = (limits: string): string => quickYaml.replace(/^limits:.*$/m, `limits: { ${limits} }`)

/** Sends text, or bytes in pieces, and gives back all that comes until the gateway closes the connection. */
export async function exchange(url: string, ...pieces: readonly (string | Buffer)[]): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let heard = ''
    socket.setTimeout(5_000, () => socket.destroy(new Error(`left open after: ${heard}`)))
    socket.on('data', (bytes) => {
      heard += bytes.toString('utf8')
    })
    // A reset after the answer is what a client sees that was still sending.
    socket.on('error', (error) => (heard === '' ? reject(error) : resolve(heard)))
    socket.on('close', () => resolve(heard))
    for (const piece of pieces) socket.write(piece)
  })
}

/** One answer out of what was heard, as `Answer` has it. */
export function readAnswer(heard: string): Answer {
  const [head = '', ...rest] = heard.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const text = rest.join('\r\n\r\n')
  const headers = new Headers(
    lines.map((line): [string, string] => [line.split(':')[0] ?? '', line.slice(line.indexOf(':') + 1).trim()]),
  )
  return { status: Number(first.split(' ')[1]), headers, text, json: JSON.parse(text) }
}
