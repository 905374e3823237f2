// An upstream for the benchmark: takes every order after a pause, and says of every task that it is being made.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Keevx is a service on the internet: a submit takes a while, and the gateway must not mind. */
const delayMs = 300

let count = 0
const server = createServer((request, response) => {
  request.resume()
  response.setHeader('content-type', 'application/json')
  if (request.method === 'GET') {
    const task_id = request.url?.split('/').at(-1)
    response.end(
      JSON.stringify({ code: 0, msg: 'ok', data: { task_id, status: 'GENERATING', image_url: '' } }),
    )
    return
  }
  count += 1
  const body = JSON.stringify({ code: 0, msg: 'ok', data: { task_ids: [`bench-${count}`] } })
  setTimeout(() => response.end(body), delayMs)
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1\n`)
