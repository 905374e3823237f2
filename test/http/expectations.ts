// What every failure has to look like, and the bytes of a connection as they come.
import { connect } from 'node:net'
import { expect } from 'vitest'
import { z } from 'zod'
import type { ErrorType } from '../../src/errors.ts'
import type { Answer } from '../support/gateway.ts'
import { quickYaml } from '../support/gateway.ts'

interface Failure {
  readonly type: ErrorType
  readonly status?: number
  readonly field?: string
}

/** What `seen` has to be equal to: the whole envelope, with nothing in it that was not promised. */
export function failure({ type, status = 200, field }: Failure): unknown {
  const text: unknown = expect.stringMatching(/\S/)
  return {
    status,
    contentType: 'application/json; charset=utf-8',
    requestId: expect.stringMatching(/^req_[0-9a-z]{27}$/) as unknown,
    json: {
      code: 0,
      msg: text,
      data: null,
      error: {
        type,
        message: text,
        request_id: 'as in the header',
        ...(field === undefined ? {} : { field }),
      },
    },
  }
}

export function seen({ status, headers, text }: Answer): unknown {
  const requestId = headers.get('x-request-id')
  const json: unknown = JSON.parse(
    text.replace(`"request_id":"${requestId}"`, '"request_id":"as in the header"'),
  )
  return { status, contentType: headers.get('content-type'), requestId, json }
}

/** The settings of the other tests, with these limits. */
export const withLimits = (limits: string): string =>
  quickYaml.replace(/^limits:.*$/m, `limits: { ${limits} }`)

/** Far more than anything takes; only a test that fails waits for so long. */
const silenceMaxMs = 60_000

/** Sends text, or bytes in pieces, and gives back all that comes until the gateway closes the connection. */
export async function exchange(url: string, ...pieces: readonly (string | Buffer)[]): Promise<string> {
  return (await talk(url, pieces, () => false)).toString('utf8')
}

/** The one answer to a request whose body does not all come: the gateway goes on waiting for it. */
export async function answerBeforeBody(url: string, ...pieces: readonly string[]): Promise<Answer> {
  return readAnswer((await talk(url, pieces, isWhole)).toString('utf8'))
}

/** Until the gateway closes the connection, or enough has been heard. */
async function talk(
  url: string,
  pieces: readonly (string | Buffer)[],
  isEnough: (heard: Buffer) => boolean,
): Promise<Buffer> {
  return await new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let heard = Buffer.alloc(0)
    socket.setTimeout(silenceMaxMs, () => {
      reject(new Error(`left open after: ${heard.toString('utf8')}`))
      socket.destroy()
    })
    socket.on('data', (bytes) => {
      heard = Buffer.concat([heard, bytes])
      if (isEnough(heard)) socket.destroy()
    })
    // A reset after the answer is what a client sees that was still sending.
    socket.on('error', (error) => (heard.length === 0 ? reject(error) : resolve(heard)))
    socket.on('close', () => resolve(heard))
    for (const piece of pieces) socket.write(piece)
  })
}

function isWhole(heard: Buffer): boolean {
  const end = heard.indexOf('\r\n\r\n')
  const length = /^content-length: (\d+)/im.exec(heard.toString('latin1', 0, Math.max(end, 0)))?.[1]
  return length !== undefined && heard.length >= end + 4 + Number(length)
}

/** One answer out of what was heard, as `Answer` has it. */
export function readAnswer(heard: string): Answer {
  const [head = '', ...rest] = heard.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const text = rest.join('\r\n\r\n')
  const headers = new Headers(
    lines.map((line): [string, string] => [
      line.split(':')[0] ?? '',
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  )
  return { status: Number(first.split(' ')[1]), headers, text, json: JSON.parse(text) }
}

/** What an OpenAPI document says of the answers to a route, as `GET /api/v1/tasks`. */
export function answerSchema(document: any, route: string, status: number): z.ZodType {
  const [method = '', path = ''] = route.split(' ')
  const { components, paths } = document
  const stated = paths[path][method.toLowerCase()].responses[status]
  const response = stated.$ref === undefined ? stated : components.responses[stated.$ref.split('/').at(-1)]
  const { schema } = response.content['application/json']
  const whole = JSON.stringify({ ...schema, $defs: components.schemas })
  return z.fromJSONSchema(JSON.parse(whole.replaceAll('#/components/schemas/', '#/$defs/')))
}
