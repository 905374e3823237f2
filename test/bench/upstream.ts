// An upstream for the benchmark: takes orders after a pause, some at once at most, and has made each when it is polled.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Keevx is a service on the internet: a submit takes a while, and the gateway must not mind. */
const delayMs = Number(process.argv[2] ?? 300)
/** More at once are refused with 429. */
const hardLimit = Number(process.argv[3] ?? Infinity)

const resultUrl = 'https://cdn.example.com/zen-garden.png'
const counts = { accepted: 0, refused: 0 }
let held = 0
const server = createServer((request, response) => {
  request.resume()
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
  const answer = () => {
    held -= 1
    counts.accepted += 1
    response.end(
      JSON.stringify({ code: 0, msg: 'ok', data: { task_ids: [`bench-${process.pid}-${counts.accepted}`] } }),
    )
  }
  if (delayMs === 0) answer()
  else setTimeout(answer, delayMs)
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1\n`)
