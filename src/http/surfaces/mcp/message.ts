// One JSON-RPC message as it arrives: bounded, because the schemas of the protocol are slow over thousands of values.
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { GatewayError } from '../../../errors.ts'
import { readInput } from '../../wire/input.ts'
import { says } from '../../wire/issue-words.ts'

const isId = (id: unknown): boolean => typeof id === 'string' || Number.isSafeInteger(id)

/** Whatever else the protocol demands of a message, the library looks at, in its own words. */
export const messageBody = z
  .looseObject({
    jsonrpc: z.literal('2.0'),
    id: z
      .unknown()
      .refine(
        (id) => id === undefined || isId(id),
        says('must be text or a whole number', '必须是字符串或整数'),
      )
      .optional()
      .meta({ override: { type: ['string', 'integer'] } }),
    method: z.string(),
    params: z
      .looseObject({
        name: z.string().optional().meta({ description: 'The tool, for `tools/call`.' }),
        arguments: z.looseObject({}).optional(),
      })
      .optional(),
  })
  .meta({ id: 'McpMessage', examples: [{ jsonrpc: '2.0', id: 1, method: 'tools/list' }] })

export type Message = z.output<typeof messageBody>

/** An order with all its fields and the envelope of its client has some fifty. */
const valuesMax = 256
const depthMax = 16

/** Lists of messages were in one revision only, and one request would then order many times. */
export function readMessage({ body }: FastifyRequest): Message {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw notOne()
  if (!isSmall(body)) throw tooMuch()
  return readInput(messageBody, body)
}

function isSmall(message: object): boolean {
  let values = 0
  let level: object[] = [message]
  for (let depth = 0; depth < depthMax && level.length > 0; depth += 1) {
    const next: object[] = []
    for (const one of level) {
      // Counted before they are listed: one object may hold all.
      for (const name in one) {
        values += 1
        if (values > valuesMax) return false
        const value = (one as Record<string, unknown>)[name]
        if (typeof value === 'object' && value !== null) next.push(value)
      }
    }
    level = next
  }
  return level.length === 0
}

const notOne = () =>
  new GatewayError('invalid_request', {
    en: 'Send one JSON-RPC message for each request, as an object. Nothing was ordered or charged.',
    zh: '每个请求只能包含一条 JSON-RPC 消息(对象)。未创建任务,也未扣除积分。',
  })

const tooMuch = () =>
  new GatewayError('invalid_request', {
    en: `The message holds more than ${valuesMax} values, or is nested deeper than ${depthMax} levels. No tool takes as many. Nothing was ordered or charged.`,
    zh: `消息包含超过 ${valuesMax} 个值,或嵌套超过 ${depthMax} 层,没有工具需要这么多。未创建任务,也未扣除积分。`,
  })
