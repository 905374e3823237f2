// The MCP server of one message: which tools there are, and what calling one does.
import { ProtocolError, ProtocolErrorCode, Server } from '@modelcontextprotocol/server'
import type { ListToolsResult } from '@modelcontextprotocol/server'
import type { FastifyReply } from 'fastify'
import type { LiveCatalog } from '../../../catalog/live.ts'
import { version } from '../../../version.ts'
import { failureOf, resultOf, toolCall } from './call.ts'
import type { Tools } from './call.ts'
import { objectSchemaOf } from './json-schema.ts'
import { generateImage, generateVideo } from './order-tools.ts'
import { getCredits, getTask, listModels, listTasksTool, quote } from './read-tools.ts'
import type { Tool } from './tool.ts'

const tools: readonly Tool[] = [
  listModels,
  quote,
  generateImage,
  generateVideo,
  getTask,
  listTasksTool,
  getCredits,
]

const instructions =
  'Pictures and videos from texts and pictures, paid in credits. Look at list_models first; order with generate_image or generate_video; where the answer says that a task is not ready, call get_task with its task_id until it is. Download results before result_expires_at. Failed tasks give their credits back by themselves.'

/** Never asked: no tool asks the user for input. */
const unusedValidator = {
  getValidator() {
    throw new Error('this server asks for no input')
  },
}

export function serverFor(shared: Tools, reply: FastifyReply): Server {
  const server = new Server(
    { name: 'tollgate', title: 'tollgate', version },
    { capabilities: { tools: {} }, instructions, jsonSchemaValidator: unusedValidator },
  )
  const { catalog } = shared.ctx
  server.setRequestHandler('tools/list', () => ({ tools: listed(catalog) }))
  server.setRequestHandler('tools/call', async ({ params: { name, arguments: args = {} } }, { mcpReq }) => {
    const tool = tools.find((one) => one.name === name && one.input(catalog.current) !== null)
    if (!tool) {
      const known = listed(catalog).map((one) => one.name)
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `There is no tool of this name. Tools: ${known.join(', ')}.`,
      )
    }
    const call = toolCall(shared, reply, mcpReq)
    try {
      return resultOf(call, await tool.run(call, args))
    } catch (error) {
      return failureOf(call, error)
    }
  })
  return server
}

type Listed = ListToolsResult['tools']

/** Built once for each catalogue. */
const lists = new WeakMap<LiveCatalog['current'], Listed>()

function listed({ current }: LiveCatalog): Listed {
  const list = lists.get(current) ?? buildList(current)
  lists.set(current, list)
  return list
}

function buildList(catalog: LiveCatalog['current']): Listed {
  return tools.flatMap(({ name, title, description, annotations, input, output }) => {
    const accepted = input(catalog)
    if (!accepted) return []
    const schemas = { inputSchema: objectSchemaOf(accepted), outputSchema: objectSchemaOf(output) }
    return [{ name, title, description, annotations: { title, ...annotations }, ...schemas }]
  }) as Listed
}
