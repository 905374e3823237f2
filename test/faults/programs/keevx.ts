// A Keevx in a process of its own that writes down every order before it answers; how it answers, the prompt says.
import { once } from 'node:events'
import { openSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import type { Post } from '../support/upstream.ts'

interface Made {
  readonly acceptedAt: number
  readonly fails: boolean
}

const [logFile = ''] = process.argv.slice(2)
const log = openSync(logFile, 'a')
const made = new Map<string, Made>()
const posts = new Map<string, number>()
let last = 0

const quickMs = 15
const slowMs = 250
const beginsAfterMs = 20
const endsAfterMs = 80

async function submit(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, generate_count: count } = JSON.parse(await text(request)) as {
    prompt: string
    generate_count: number
  }
  const [word] = prompt.split(' ')
  const before = posts.get(prompt) ?? 0
  posts.set(prompt, before + 1)
  const refused = word === 'refused' || (word === 'limited' && before === 0)
  const again = before === 0 && (word === 'limited' || word === 'reset' || word === 'broken')
  const ids = refused ? [] : accept(count, word === 'failing')
  // Kept by the system from here on, whatever becomes of whoever asked.
  writeSync(log, `${JSON.stringify({ prompt, ids, mayComeAgain: again } satisfies Post)}\n`)

  if (word === 'refused') return reply(response, 400, { code: 100001, msg: 'refused' })
  if (word === 'lost') return undefined
  if (again && word === 'limited') return reply(response, 429, {})
  if (again && word === 'broken') return reply(response, 500, {})
  if (again && word === 'reset') return void request.socket.resetAndDestroy()
  await setTimeout(word === 'slow' ? slowMs : quickMs)
  return reply(response, 200, { code: 0, msg: 'ok', data: { task_ids: ids } })
}

function accept(count: number, fails: boolean): string[] {
  return Array.from({ length: count }, () => {
    last += 1
    const id = `made-${last}`
    made.set(id, { acceptedAt: Date.now(), fails })
    return id
  })
}

function query(id: string, response: ServerResponse): void {
  const task = made.get(id)
  if (!task) return reply(response, 200, { code: 110002, msg: 'no such task' })
  const age = Date.now() - task.acceptedAt
  const ended = task.fails ? 'FAILED' : 'SUCCEEDED'
  const status = age < beginsAfterMs ? 'PENDING' : age < endsAfterMs ? 'GENERATING' : ended
  const image_url = status === 'SUCCEEDED' ? `http://media.invalid/${id}.png` : ''
  const error_message = status === 'FAILED' ? 'it was asked to fail' : ''
  const data = { task_id: id, status, image_url, error_message }
  return reply(response, 200, { code: 0, msg: 'ok', data })
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const server = createServer((request, response) => {
  // A gateway that is killed in the middle of an order has sent none.
  if (request.method === 'POST') submit(request, response).catch(() => response.destroy())
  else query(request.url?.split('/').at(-1) ?? '', response)
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1\n`)
