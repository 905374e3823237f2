// A real S3 server on loopback, with one bucket, and a door before it that reads signatures and can fail.
import { createServer, request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import S3rver from 's3rver'
import { isSigned } from './signature.ts'

const forbidden = 403
/** The one key that it knows. */
const key = 'S3RVER'

export interface Bucket {
  readonly endpoint: string
  /** Lines of tollgate.yaml. */
  readonly yaml: string
  /** Each request as it came, without its body. */
  readonly asked: Pick<IncomingMessage, 'method' | 'url' | 'headers'>[]
  /** How the next requests are answered, instead of by the store. */
  failures: number[]
  close(): Promise<void>
}

export async function openBucket(): Promise<Bucket> {
  const directory = mkdtempSync(join(tmpdir(), 'tollgate-s3-'))
  const options = { address: '127.0.0.1', port: 0, silent: true, directory }
  const server = new S3rver({ ...options, configureBuckets: [{ name: 'results' }] })
  const { port } = await server.run()
  const asked: Bucket['asked'] = []
  const failures: number[] = []
  const door = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming
    asked.push({ method, url, headers })
    // The server behind it knows keys, but does not read signatures of this version.
    const isGenuine = isSigned(incoming, { id: key, secret: key })
    const failure = isGenuine ? failures.shift() : forbidden
    if (failure !== undefined) {
      incoming.resume()
      outgoing.writeHead(failure).end()
      return
    }
    const asking = request({ port, host: '127.0.0.1', method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(outgoing)
    })
    asking.on('error', () => outgoing.destroy())
    incoming.pipe(asking)
  })
  door.listen(0, '127.0.0.1')
  await new Promise((resolve) => door.once('listening', resolve))
  const endpoint = `http://127.0.0.1:${(door.address() as AddressInfo).port}`
  const place = `endpoint: "${endpoint}", bucket: results, region: us-east-1`
  return {
    endpoint,
    yaml: `store: s3, ${place}, access_key_id: ${key}, secret_access_key: ${key}`,
    asked,
    failures,
    async close() {
      door.closeAllConnections()
      door.close()
      await server.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
