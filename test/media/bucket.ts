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
  /** Each request as it came, without its body; probes stand elsewhere. */
  readonly asked: Pick<IncomingMessage, 'method' | 'url' | 'headers'>[]
  /** Those of them by which the gateway looks whether it works. */
  readonly probes: Pick<IncomingMessage, 'method' | 'url' | 'headers'>[]
  /** How the next requests are answered that are no probes, instead of by the store. */
  failures: number[]
  /** How each request is answered from now on; null: never; undefined: by the store. */
  broken: number | null | undefined
  /** The method that the key may not use. */
  forbids: string | undefined
  close(): Promise<void>
}

export async function openBucket(): Promise<Bucket> {
  const directory = mkdtempSync(join(tmpdir(), 'tollgate-s3-'))
  const options = { address: '127.0.0.1', port: 0, silent: true, directory }
  const server = new S3rver({ ...options, configureBuckets: [{ name: 'results' }] })
  const { port } = await server.run()
  const asked: Bucket['asked'] = []
  const probes: Bucket['probes'] = []
  const failures: number[] = []
  const door = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming
    const isProbe = url?.includes('/media/probe') ?? false
    ;(isProbe ? probes : asked).push({ method, url, headers })
    // The server behind it knows keys, but does not read signatures of this version.
    const isGenuine = isSigned(incoming, { id: key, secret: key }) && method !== bucket.forbids
    const failure = isGenuine ? (bucket.broken ?? (isProbe ? undefined : failures.shift())) : forbidden
    if (bucket.broken === null) {
      incoming.resume()
      return
    }
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
  const bucket: Bucket = {
    endpoint,
    yaml: `store: s3, ${place}, access_key_id: ${key}, secret_access_key: ${key}`,
    asked,
    probes,
    failures,
    broken: undefined,
    forbids: undefined,
    async close() {
      door.closeAllConnections()
      door.close()
      await server.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
  return bucket
}
