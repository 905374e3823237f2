// Eight pictures of 20 MB each pass through as base64, while the gateway holds little of them at a time.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quickYaml, startGateway } from '../../../support/gateway.ts'
import type { Gateway } from '../../../support/gateway.ts'
import { png } from './pictures.ts'
import { heldMemory } from '../../../support/memory.ts'

const mebibyte = 1024 * 1024
const pictureBytes = 20 * mebibyte
const count = 8
/** Of all that the test's process holds: the gateway, the server of the pictures, and the client. */
const heldMax = 96 * mebibyte
const lookEvery = 8 * mebibyte

/** A stand-in for the upstream's store of results. */
const results = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'image/png', 'content-length': pictureBytes })
  const pieces = function* () {
    yield png
    const piece = Buffer.alloc(64 * 1024)
    for (let left = pictureBytes - png.length; left > 0; left -= piece.length)
      yield left < piece.length ? piece.subarray(0, left) : piece
  }
  pipeline(Readable.from(pieces()), response).catch(() => undefined)
})

let gateway: Gateway
beforeAll(async () => {
  await new Promise<void>((resolve) => results.listen(0, '127.0.0.1', resolve))
  gateway = await startGateway({ yaml: `${quickYaml}network: { allow_hosts: ['127.0.0.1'] }` })
  const { port } = results.address() as AddressInfo
  const change = (data: object) => ({ ...data, image_url: `http://127.0.0.1:${port}/large.png` })
  gateway.sandbox.always('query', { kind: 'observe', change })
})
afterAll(async () => {
  await gateway.stop()
  results.close()
})

test.each([false, true])('stream: %s', async (stream) => {
  const { key } = await gateway.customer(1_000)
  const held = () => {
    const { heapUsed, external } = heldMemory()
    return heapUsed + external
  }
  const before = held()
  const answer = await fetch(`${gateway.url}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-image-2', prompt: 'a heron', n: count, stream }),
  })
  let bytes = 0
  let most = 0
  for await (const piece of answer.body ?? []) {
    // By what has arrived, not by time: on a busy machine nothing but collections would be done.
    if (Math.floor(bytes / lookEvery) < Math.floor((bytes + piece.length) / lookEvery)) {
      most = Math.max(most, held() - before)
    }
    bytes += piece.length
  }
  expect(answer.status).toBe(200)
  expect(bytes).toBeGreaterThan((count * pictureBytes * 4) / 3)
  expect(most).toBeLessThan(heldMax)
})
