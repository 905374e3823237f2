// The library that answers MCP messages, with our tools.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createMcpHandler, preloadSchemas } from '@modelcontextprotocol/server'
import type { FastifyBaseLogger, FastifyReply } from 'fastify'
import type { Tools } from './call.ts'
import type { Message } from './message.ts'
import { serverFor } from './server.ts'

export interface Library {
  /** Answers a message; `reply` is for what its tools need of HTTP. */
  answer(asked: Request, message: Message, reply: FastifyReply): Promise<Response>
}

/** Shorter than the idle timeout of common proxies. */
const heartbeatMs = 15_000

export async function startLibrary(tools: Tools, log: FastifyBaseLogger): Promise<Library> {
  // Other requests have a turn between the library and its schemas, each of which holds the event loop for a while.
  await nextTurn()
  preloadSchemas()
  const replies = new WeakMap<Request, FastifyReply>()
  const mcp = createMcpHandler(
    ({ requestInfo }) => {
      const reply = requestInfo && replies.get(requestInfo)
      if (!reply) throw new Error('an MCP message without its request')
      return serverFor(tools, reply)
    },
    {
      keepAliveMs: heartbeatMs,
      onerror: (error) => log.debug({ err: error }, 'an MCP message was refused'),
    },
  )
  return {
    async answer(asked, message, reply) {
      replies.set(asked, reply)
      return await mcp.fetch(asked, { parsedBody: message })
    },
  }
}
