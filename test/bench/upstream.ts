// An upstream for the benchmark: takes orders after a pause, some at once at most, and has made each when it is polled.
import { once } from 'node:events'
import { Agent, createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** Keevx is a service on the internet: a submit takes a while, and the gateway must not mind. */
const delayMs = Number(process.argv[2] ?? 300)
/** More at once are refused with 429. */
const hardLimit = Number(process.argv[3] ?? Infinity)
/** `callbacks`: each work is told of as soon as its order was answered. */
const tells = process.argv[4] === 'callbacks'

const resultUrl = 'https://cdn.example.com/zen-garden.png'
const counts = { accepted: 0, refused: 0 }
let held = 0
const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const server = createServer((request, response) => {
  if (!tells || request.method === 'GET') request.resume()
  response.setHeader('content-type', 'application/json')
  if (request.url === '/counts') {
    response.end(JSON.stringify(counts))
    return
  }
  if (request.method === 'GET') {
    const task_id = request.url?.split('/').at(-1)
    response.end(
      JSON.stringify({ code: 0, msg: 'ok', data: { task_id, status: 'SUCCEEDED', image_url: resultUrl } }),
    )
    return
  }
  if (held >= hardLimit) {
    counts.refused += 1
    response.statusCode = 429
    response.end(JSON.stringify({ code: 429, msg: 'too many requests' }))
    return
  }
  held += 1
  const order = tells ? text(request) : null
  const answer = () => {
    held -= 1
    counts.accepted += 1
    const id = `bench-${process.pid}-${counts.accepted}`
    response.end(JSON.stringify({ code: 0, msg: 'ok', data: { task_ids: [id] } }))
    if (order) void order.then(async (body) => await tell(body, id))
  }
  if (delayMs === 0) answer()
  else setTimeout(answer, delayMs)
})

/** As Keevx tells: once, and whoever does not listen misses it. */
async function tell(body: string, id: string): Promise<void> {
  const { callback_url: url } = JSON.parse(body) as { callback_url: string }
  const told = JSON.stringify({ task_id: id, status: 'SUCCEEDED', image_url: resultUrl })
  const post = httpRequest(url, { method: 'POST', agent, headers: { 'content-type': 'application/json' } })
  post.on('response', (answered) => answered.resume())
  post.on('error', () => undefined)
  post.end(told)
}
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1\n`)
