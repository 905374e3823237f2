// One call of a tool, and what a tool answers.
import type { CallToolResult, ServerContext } from '@modelcontextprotocol/server'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../../../accounts/callers.ts'
import type { Context } from '../../../context.ts'
import type { GatewayError, Text } from '../../../errors.ts'
import type { Gate } from '../../../media/uploads/concurrency-limit.ts'
import { callerOf } from '../../auth.ts'
import type { Patience } from '../../v1/wait.ts'
import { textFor } from '../../wire/envelope.ts'
import { withPlaceToBuy } from '../../wire/buy.ts'
import { asGatewayError } from '../../wire/failure.ts'
import type { Repeats } from './repeats.ts'
import { mcpWire } from './wire.ts'

/** What all calls share. */
export interface Tools {
  readonly ctx: Context
  readonly patience: Patience
  readonly repeats: Repeats
  readonly pictures: Gate
}

export interface ToolCall extends Tools {
  readonly caller: Caller
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly mcp: Pick<ServerContext['mcpReq'], 'id' | '_meta' | 'notify' | 'signal'>
}

export const toolCall = (tools: Tools, reply: FastifyReply, mcp: ToolCall['mcp']): ToolCall => ({
  ...tools,
  caller: callerOf(reply.request),
  request: reply.request,
  reply,
  mcp,
})

export type Content = CallToolResult['content'][number]

export interface Shown {
  readonly text: Text
  readonly structured: object
  readonly more?: readonly Content[]
  /** What was ordered has failed. */
  readonly failed?: boolean
}

export const resultOf = (
  { request }: ToolCall,
  { text, structured, more = [], failed = false }: Shown,
): CallToolResult => ({
  ...(failed && { isError: true }),
  content: [{ type: 'text', text: textFor(request, text) }, ...more],
  structuredContent: structured,
})

/** In the words of the API; `_meta` has them for programs. */
export function failureOf({ request }: ToolCall, error: unknown): CallToolResult {
  const failure = withPlaceToBuy(request, asGatewayError(error, mcpWire.words))
  logFailure(request, failure)
  const { type, text, field, retryAfterMs, buy } = failure
  const retry =
    retryAfterMs === undefined ? {} : { retry_after: Math.max(1, Math.ceil(retryAfterMs / 1_000)) }
  const shown = { type, ...(field !== undefined && { field }), ...buy, ...retry, request_id: request.id }
  return { content: [{ type: 'text', text: textFor(request, text) }], isError: true, _meta: { error: shown } }
}

function logFailure(request: FastifyRequest, failure: GatewayError): void {
  const { type, field, detail } = failure
  if (type === 'internal' || type === 'unavailable')
    request.log.error({ req: request.id, err: failure, detail }, 'answered with a failure of ours')
  else request.log.info({ req: request.id, type, field }, 'refused')
}
