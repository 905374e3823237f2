// POST /mcp: one JSON-RPC message in, one answer or an event stream out. Nothing is kept between requests.
import { Readable } from 'node:stream'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../../context.ts'
import { callerOf } from '../../auth.ts'
import { eventStream } from '../../route.ts'
import type { ClientMeans } from '../optional.ts'
import type { Tools } from './call.ts'
import type { Library } from './library.ts'
import { messageBody, readMessage } from './message.ts'
import type { Message } from './message.ts'
import { pictureGate } from './tools/pictures.ts'
import { createRepeats } from './repeats.ts'

const anyStream = `application/json, ${eventStream}`
/** Our requests reach the handler with these headers only: no key, and nothing that a proxy added. */
const passedOn = ['content-type', 'mcp-protocol-version', 'mcp-method', 'mcp-name'] as const

export function addEndpoint(
  scope: FastifyInstance,
  ctx: Context,
  { routes, patience, memory }: Pick<ClientMeans, 'routes' | 'patience' | 'memory'>,
): void {
  const tools: Tools = { ctx, patience, repeats: createRepeats(ctx), pictures: pictureGate(memory) }
  let loading: Promise<Library> | undefined
  routes.add(scope, {
    method: 'POST',
    url: '/mcp',
    operationId: 'sendMcpMessage',
    tag: 'MCP',
    summary: 'Model Context Protocol',
    description:
      'The tasks API as tools for agents: one JSON-RPC message for each request, without sessions. Revision 2026-07-28 needs no handshake; clients of 2025 send `initialize` first. The key goes into the `Authorization` header; there is no OAuth.',
    // The library refuses other fields.
    documentedBody: () => messageBody.strict().meta(messageBody.meta() ?? {}),
    answerTypes: [eventStream],
    answer: messageEvent,
    accepted: { description: 'A notification: it has no answer.', isEmpty: true },
    async run({ request, reply }) {
      const message = readMessage(request)
      noteMessage(tools, request, message)
      loading ??= load(tools, scope.log)
      await serve(await loading, message, reply)
    },
  })
}

/** Documented as OpenAPI 3.2 describes an event: its fields, not its lines. */
const messageEvent = z
  .object({
    event: z.literal('message'),
    data: z.string().meta({ description: 'A JSON-RPC message.' }),
  })
  .meta({
    id: 'McpEvent',
    examples: [{ event: 'message', data: '{"jsonrpc":"2.0","id":1,"result":{}}' }],
  })

/** The library is a fifth of the memory of a start, so it is loaded for the first message. */
async function load(tools: Tools, log: FastifyBaseLogger): Promise<Library> {
  const { startLibrary } = await import('./library.ts')
  return await startLibrary(tools, log)
}

const beginnings = new Set<unknown>(['initialize', 'server/discover'])

function noteMessage({ repeats }: Tools, request: FastifyRequest, { method, params }: Message): void {
  const { keyId } = callerOf(request)
  if (beginnings.has(method)) repeats.begin(keyId)
  if (method === 'notifications/cancelled') repeats.giveUp(keyId, String(params?.['requestId']))
}

async function serve(library: Library, message: Message, reply: FastifyReply): Promise<void> {
  const { raw } = reply
  const gone = new AbortController()
  raw.once('close', () => gone.abort())
  if (raw.destroyed) gone.abort()
  const headers = headersOf(reply.request)
  const asked = new Request('http://localhost/mcp', { method: 'POST', headers, signal: gone.signal })
  const answer = await library.answer(asked, message, reply)
  reply.code(answer.status)
  const type = answer.headers.get('content-type')
  if (type !== null) reply.header('content-type', type)
  if (type?.startsWith(eventStream)) reply.header('x-accel-buffering', 'no')
  await (answer.body ? reply.send(Readable.fromWeb(answer.body)) : reply.send())
}

/** A client that takes anything also takes both forms of answer. */
function headersOf({ headers }: FastifyRequest): Record<string, string> {
  const { accept = '*/*' } = headers
  const passed = passedOn.flatMap((name) => {
    const value = headers[name]
    return typeof value === 'string' ? [[name, value] as const] : []
  })
  return { accept: accept.includes('*/*') ? anyStream : accept, ...Object.fromEntries(passed) }
}
