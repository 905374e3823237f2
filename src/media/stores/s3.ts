// Keeps files in a bucket of any S3-compatible store: path-style URLs, signed here, one PUT per file.
import type { Readable } from 'node:stream'
import { AwsV4Signer } from 'aws4fetch'
import type { MediaConfig } from '../../config/config.ts'
import type { TrustedAnswer, TrustedHttp } from '../../net/trusted-http.ts'
import { StoreRefusal } from '../health/fault.ts'
import { attachment, isMediaName } from './blob-store.ts'
import type { BlobStore } from './blob-store.ts'
import { streamOfPath } from '../volume/stream.ts'

type S3Config = NonNullable<MediaConfig['s3']>

/** Enough for the largest file over a slow line. */
const putTimeoutMs = 10 * 60_000
/** Wait for the answer after the upload: a store computes a large file's checksum before it answers. */
const putWaitMs = (bytes: number): number => 10_000 + bytes / 50_000
const removeTimeoutMs = 20_000
/** Long enough to follow the redirect, too short to share the URL. */
const linkSeconds = 300

const done = { put: [200, 201, 204], read: [200, 206], remove: [200, 202, 204, 404], missing: 404 }

export function s3Store(s3: S3Config, http: TrustedHttp): BlobStore {
  const { accessKeyId, secretAccessKey, region } = s3
  const secrets = { accessKeyId, secretAccessKey, region, service: 's3' }
  const signed = async (method: 'GET' | 'PUT' | 'DELETE', name: string, headers: Record<string, string>) => {
    const sign = new AwsV4Signer({ ...secrets, method, url: urlOf(s3, name), headers })
    const { url, headers: all } = await sign.sign()
    return { url: url.href, method, headers: Object.fromEntries(all) }
  }

  return {
    async put(name, file, signal) {
      const { url, method, headers } = await signed('PUT', name, {
        'content-type': file.kind.contentType,
        // The store refuses content that differs from what was checked.
        'x-amz-content-sha256': file.sha256,
      })
      const body = streamOfPath(file.path)
      try {
        const sized = { ...headers, 'content-length': String(file.bytes) }
        const bounds = { timeoutMs: putTimeoutMs, waitMs: Math.ceil(putWaitMs(file.bytes)), signal }
        const answer = await http.ask(url, { method, headers: sized, body, ...bounds })
        await finished(answer, done.put, 'keep')
      } finally {
        body.destroy()
      }
    },

    async read({ name, bytes }, { first, last }, signal) {
      const isWhole = first === 0 && last === bytes - 1
      const { url, method, headers } = await signed('GET', name, {})
      const range: Record<string, string> = isWhole ? {} : { range: `bytes=${first}-${last}` }
      const answer = await http.ask(url, { method, headers: { ...headers, ...range }, signal })
      const isMissing = answer.status === done.missing
      const isRight =
        answer.status === done.read[isWhole ? 0 : 1] &&
        Number(answer.headers['content-length'] ?? last - first + 1) === last - first + 1
      if (isRight) return answer.body
      dismiss(answer.body)
      if (isMissing || done.read.includes(answer.status)) return null
      throw refusal('read', answer)
    },

    async remove(name) {
      const { url, method, headers } = await signed('DELETE', name, {})
      const answer = await http.ask(url, { method, headers, timeoutMs: removeTimeoutMs })
      await finished(answer, done.remove, 'remove')
    },

    async link(name, method, saveAs) {
      if (!s3.presign) return null
      const url = new URL(urlOf(s3, name))
      url.searchParams.set('X-Amz-Expires', String(linkSeconds))
      if (saveAs !== null) url.searchParams.set('response-content-disposition', attachment(saveAs))
      const sign = new AwsV4Signer({ ...secrets, method, url: url.href, signQuery: true })
      return (await sign.sign()).url.href
    },
  }
}

function urlOf({ endpoint, bucket }: S3Config, name: string): string {
  if (!isMediaName(name)) throw new Error('no name of a kept file')
  return `${endpoint}/${bucket}/media/${name}`
}

async function finished(answer: TrustedAnswer, good: readonly number[], verb: string): Promise<void> {
  dismiss(answer.body)
  if (!good.includes(answer.status)) throw refusal(verb, answer)
}

function dismiss(body: Readable): void {
  body.on('error', () => undefined)
  body.destroy()
}

const refusal = (verb: string, { status }: TrustedAnswer): Error => new StoreRefusal(verb, status)
