// The sandbox behind a wire that counts how many orders are under way.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { startSandbox } from '../../sandbox/sandbox.ts'

/** Closed when the test ends. */
export async function startCounted() {
  const sandbox = await startSandbox({ apiKey: 'upstream-key', imageMs: 50 })
  sandbox.always('submit', { kind: 'delay', ms: 40 })
  const { origin } = new URL(sandbox.baseUrl)
  let [open, most] = [0, 0]
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const isOrder = request.method === 'POST'
    if (isOrder) most = Math.max(most, (open += 1))
    const body = isOrder ? await buffer(request) : undefined
    const { authorization = '', source = '', 'content-type': type = 'application/json' } = request.headers
    const headers = { authorization, source: String(source), 'content-type': type }
    const answer = await fetch(`${origin}${request.url}`, {
      method: request.method ?? 'GET',
      headers,
      ...(body && { body: new Uint8Array(body) }),
    })
    // Results elsewhere than at the upstream that is configured are taken for a trap.
    const text = (await answer.text()).replaceAll(origin, `http://${request.headers.host}`)
    if (isOrder) open -= 1
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text)
  }
  const server = createServer((request, response) => void pass(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.close()
    await sandbox.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, most: () => most }
}
