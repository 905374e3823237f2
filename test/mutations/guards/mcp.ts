// MCP and what agents read: one order for a call that is repeated, two for two; and who may call at all.
import type { Guard } from '../guard.ts'

const repeatsTest = 'test/http/surfaces/mcp/repeats.test.ts'
const knownOrders = 'test/http/surfaces/mcp/known-orders.test.ts'
const wireTest = 'test/http/surfaces/mcp/mcp.test.ts'
const toolsTest = 'test/http/surfaces/mcp/tools.test.ts'
const skillTest = 'test/http/surfaces/skill/skill.test.ts'

const repeats = 'src/http/surfaces/mcp/repeats.ts'
const answers = 'src/http/surfaces/mcp/answers.ts'
const origins = 'src/http/surfaces/mcp/origins.ts'
const order = 'src/http/surfaces/mcp/tools/order.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a call of MCP without a key of its own gets one',
    file: order,
    search: '  return await repeats.once(',
    replacement: '  if (call.mcp) return await orderAs(request.id)\n  return await repeats.once(',
    tests: [repeatsTest],
  },
  {
    name: 'equal calls of MCP at once are one after the other',
    file: repeats,
    search: 'return await inTurn(laneOf(call), async () => {',
    replacement: 'return await inTurn(laneOf(call) + randomText(8), async () => {',
    tests: [knownOrders],
  },
  {
    name: 'two wanted orders of MCP that both wait are two',
    file: repeats,
    search: 'if (known.isAwaited) return isSameMessage',
    replacement: 'if (known.isAwaited) return true',
    tests: [knownOrders],
  },
  {
    name: 'an order of MCP that was answered is not claimed by another message',
    file: repeats,
    search: 'return known.answeredAt === null || (isSameMessage && begunAt < known.answeredAt)',
    replacement: 'return known.answeredAt === null || begunAt < known.answeredAt',
    tests: [knownOrders, repeatsTest],
  },
  {
    name: 'an order of MCP whose answer was lost is claimed',
    file: repeats,
    search: 'return known.answeredAt === null || (isSameMessage',
    replacement: 'return (isSameMessage && known.answeredAt !== null',
    tests: [knownOrders, repeatsTest],
  },
  {
    name: 'a client of MCP that began anew orders anew',
    file: repeats,
    search: '(isSameMessage && begunAt < known.answeredAt)',
    replacement: 'isSameMessage',
    tests: [repeatsTest],
  },
  {
    name: 'a call that is repeated after long is a new order',
    file: repeats,
    search: 'const repeatedWithinMs = 10 * 60_000',
    replacement: 'const repeatedWithinMs = 60 * 60_000',
    tests: [knownOrders],
  },
  {
    name: 'an order of MCP that a crash left without an answer is claimed',
    file: repeats,
    search: 'return wasLost || (',
    replacement: 'return (wasLost && isSameMessage) || (',
    tests: [knownOrders],
  },
  {
    name: 'only a younger order counts as left without an answer by a crash',
    file: repeats,
    search: 'madeAt > startedAt - answeredWithinMs',
    replacement: 'madeAt > 0',
    tests: [knownOrders],
  },
  {
    name: 'an answer that its client did not get is not taken for one',
    file: answers,
    search: 'if (leave(order, call) && raw.writableFinished)',
    replacement: 'if (leave(order, call) && raw)',
    tests: [knownOrders, repeatsTest],
  },
  {
    name: 'a client that gave its call up claims the order',
    file: 'src/http/surfaces/mcp/endpoint.ts',
    search: "if (method === 'notifications/cancelled')",
    replacement: "if (method === 'notifications/none')",
    tests: [repeatsTest],
  },
  {
    name: 'one request of MCP holds one message',
    file: 'src/http/surfaces/mcp/message.ts',
    search: ' || Array.isArray(body)) throw notOne()',
    replacement: ') throw notOne()',
    tests: [wireTest],
  },
  {
    name: 'a message of MCP is small',
    file: 'src/http/surfaces/mcp/message.ts',
    search: 'if (values > valuesMax) return false',
    replacement: 'if (values < 0) return false',
    tests: [wireTest],
  },
  {
    name: 'pages of strangers do not call MCP',
    file: origins,
    search: "if (origin !== undefined && !origins.has(origin)) return 'origin'",
    replacement: "if (origin === 'null') return 'origin'",
    tests: [wireTest],
  },
  {
    name: 'a name that a stranger leads here does not call MCP',
    file: origins,
    search: "return hosts.has(name) || isPrivateName(name) ? null : 'host'",
    replacement: 'return hosts.has(name) ? null : null',
    tests: [wireTest],
  },
  {
    name: 'a picture is not ordered where a video was meant',
    file: order,
    search: 'if (!model || model.taskType === output) return',
    replacement: 'if (!model || model.taskType !== undefined) return',
    tests: [toolsTest],
  },
  {
    name: 'a tool shows the tasks of its own account alone',
    file: 'src/http/surfaces/mcp/tools/read.ts',
    search: '      accountId: call.caller.accountId,',
    replacement: '      accountId: call ? null : null,',
    tests: [toolsTest],
  },
  {
    name: 'the index of skills has the digest of the live text',
    file: 'src/http/surfaces/skill/pages.ts',
    search: 'if (last?.version !== version || last.origin !== origin) {',
    replacement: 'if (last?.origin !== origin) {',
    tests: [skillTest],
  },
]
