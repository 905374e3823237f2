// Clients of MCP that exist already, of both eras: they list the tools without a complaint, and order a picture once.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway, until } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { npmTools } from './installed.ts'
import type { Tools } from './installed.ts'

let tools: Tools
let gateway: Gateway
let customer: Customer
const home = mkdtempSync(join(tmpdir(), 'tollgate-mcp-'))
beforeAll(async () => {
  tools = await npmTools('mcp', { '@modelcontextprotocol/inspector': '2.12.0', 'mcp-remote': '0.15.1' })
  gateway = await startGateway({ sandbox: { imageMs: 2_000 } })
})
afterAll(async () => {
  await gateway.stop()
  rmSync(home, { recursive: true, force: true })
})

const price = 15
const env = { HOME: home, MCP_REMOTE_CONFIG_DIR: home }
const orderedUpstream = () => gateway.sandbox.requests.get('POST /v1/image_generate') ?? 0
const tasksOf = async (): Promise<{ task_id: string }[]> => (await customer.get('/tasks')).json.data.tasks
const args = { model_id: 'gpt-image-2', prompt: 'a heron in the reeds' }

/** The arguments of the Inspector's command line for one method. */
function inspect(era: string, method: string, ...more: readonly string[]): string[] {
  const key = ['--header', `Authorization: Bearer ${customer.key}`]
  const server = [`${gateway.url}/mcp`, '--transport', 'http', ...key, '--protocol-era', era]
  return ['--cli', ...server, '--method', method, ...more]
}

const order = (era: string) => {
  const given = Object.entries(args).flatMap(([name, value]) => ['--tool-arg', `${name}=${value}`])
  return inspect(era, 'tools/call', '--tool-name', 'generate_image', ...given)
}

describe.each(['legacy', 'auto', 'modern'])('the Inspector, %s', (era) => {
  test('finds no fault with the tools', async () => {
    customer = await gateway.customer(100)
    const listed = JSON.parse(
      await tools.run('mcp-inspector', inspect(era, 'tools/list', '--strict'), { env }),
    )
    expect(listed.tools.map(({ name }: { name: string }) => name)).toContain('generate_image')
  })

  test('orders a picture, which is there; another run is another order', async () => {
    customer = await gateway.customer(100)
    const before = orderedUpstream()
    const ids: string[] = []
    while (ids.length < 2) {
      const { structuredContent } = JSON.parse(await tools.run('mcp-inspector', order(era), { env }))
      const [task] = structuredContent.tasks
      expect(task).toMatchObject({
        task_status: 3,
        credits: price,
        image_url: expect.stringMatching(/^http/),
      })
      expect((await fetch(task.image_url)).status).toBe(200)
      ids.push(task.task_id)
    }
    expect([new Set(ids).size, orderedUpstream() - before, await customer.balance()]).toEqual([2, 2, 70])
  })

  test('that was killed while it waited claims its picture when it is run again', async () => {
    customer = await gateway.customer(100)
    const before = orderedUpstream()
    const killed = spawn(join(tools.folder, 'node_modules/.bin/mcp-inspector'), order(era), {
      env: { ...process.env, ...env },
      stdio: 'ignore',
    })
    const [waited] = await until(tasksOf, ({ length }) => length > 0)
    killed.kill('SIGKILL')
    await new Promise((resolve) => killed.once('close', resolve))
    const { structuredContent } = JSON.parse(await tools.run('mcp-inspector', order(era), { env }))
    expect(structuredContent.tasks[0]).toMatchObject({ task_id: waited?.task_id, task_status: 3 })
    expect([orderedUpstream() - before, await customer.balance()]).toEqual([1, 85])
  })
})

test('mcp-remote passes tools on to programs that speak over standard input', async () => {
  customer = await gateway.customer(100)
  // mcp-remote puts the variable there.
  const flags = [`${gateway.url}/mcp`, '--header', 'Authorization:${KEY}', '--allow-http']
  const remote = spawn(join(tools.folder, 'node_modules/.bin/mcp-remote'), flags, {
    env: { ...process.env, ...env, KEY: `Bearer ${customer.key}` },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  try {
    const answers = new Map<number, any>()
    createInterface(remote.stdout).on('line', (line) => {
      const message = JSON.parse(line)
      answers.set(message.id, message.result)
    })
    const ask = async (id: number, method: string, params: object): Promise<any> => {
      remote.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
      return await until(
        () => answers.get(id),
        (result) => result !== undefined,
      )
    }
    const client = {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'test', version: '1' },
    }
    expect(await ask(1, 'initialize', client)).toMatchObject({ serverInfo: { name: 'tollgate' } })
    remote.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
    expect((await ask(2, 'tools/list', {})).tools.length).toBe(7)
    const result = await ask(3, 'tools/call', { name: 'generate_image', arguments: args })
    expect(result.structuredContent.tasks[0]).toMatchObject({ task_status: 3, credits: price })
    expect(await customer.balance()).toBe(85)
  } finally {
    remote.kill()
  }
})
