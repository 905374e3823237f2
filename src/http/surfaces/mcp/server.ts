// The MCP server of one message: which tools there are, and what calling one does.
import { setImmediate } from 'node:timers/promises'
import { ProtocolError, ProtocolErrorCode, Server } from '@modelcontextprotocol/server'
import type { ListToolsResult } from '@modelcontextprotocol/server'
import type { FastifyReply } from 'fastify'
import type { Catalog } from '../../../catalog/catalog.ts'
import { nameOf, slugOf } from '../../../config/brand.ts'
import { version } from '../../../version.ts'
import { failureOf, resultOf, toolCall } from './call.ts'
import type { Tools } from './call.ts'
import { objectSchemaOf } from './tools/json-schema.ts'
import { generateImage, generateVideo } from './tools/order.ts'
import { getCredits, getTask, listModels, listTasksTool, quote } from './tools/read.ts'
import type { Tool } from './tools/tool.ts'
import { catalogFor } from '../../../accounts/offer.ts'
import { callerOf } from '../../auth.ts'

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

/* oxlint-disable typescript/no-deprecated -- the other one checks arguments itself, in words of its own */
export function serverFor(shared: Tools, reply: FastifyReply): Server {
  const { brand } = shared.ctx.catalog.offer
  const server = new Server(
    { name: slugOf(brand), title: nameOf(brand).en, version },
    { capabilities: { tools: {} }, instructions, jsonSchemaValidator: unusedValidator },
  )
  /* oxlint-enable typescript/no-deprecated */
  const catalog = () => catalogFor(shared.ctx, callerOf(reply.request))
  server.setRequestHandler('tools/list', async () => ({ tools: await listed(catalog()) }))
  server.setRequestHandler('tools/call', async ({ params: { name, arguments: args = {} } }, { mcpReq }) => {
    const tool = tools.find((one) => one.name === name && one.input(catalog()) !== null)
    if (!tool) {
      const known = (await listed(catalog())).map((one) => one.name)
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
const lists = new WeakMap<Catalog, Promise<Listed>>()

async function listed(catalog: Catalog): Promise<Listed> {
  const list = lists.get(catalog) ?? buildList(catalog)
  lists.set(catalog, list)
  return await list
}

/** Tool by tool: all at once would hold the event loop up. */
async function buildList(catalog: Catalog): Promise<Listed> {
  const list: Listed = []
  for (const { name, title, description, annotations, input, output } of tools) {
    const accepted = input(catalog)
    if (!accepted) continue
    const inputSchema = objectSchemaOf(accepted)
    await setImmediate()
    const outputSchema = objectSchemaOf(output)
    await setImmediate()
    list.push({ name, title, description, annotations: { title, ...annotations }, inputSchema, outputSchema })
  }
  return list
}
