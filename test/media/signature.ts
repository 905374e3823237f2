// Whether a request to S3 is signed as Amazon documents it (Signature Version 4), worked out anew from what arrived.
import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

interface Key {
  readonly id: string
  readonly secret: string
}

interface Claim {
  readonly credential: string
  readonly signedHeaders: string
  readonly signature: string
  readonly date: string
  readonly payload: string
  readonly expiresAt: number
}

export function isSigned(request: IncomingMessage, key: Key): boolean {
  const url = new URL(request.url ?? '', 'http://localhost')
  const claim = url.searchParams.has('X-Amz-Signature') ? inQuery(url) : inHeaders(request)
  const [id, day = '', region = '', service = '', last = ''] = claim.credential.split('/')
  const scope = [day, region, service, last].join('/')
  const canonical = [
    request.method ?? '',
    url.pathname,
    queryOf(url),
    ...claim.signedHeaders.split(';').map((name) => `${name}:${String(request.headers[name] ?? '').trim()}`),
    '',
    claim.signedHeaders,
    claim.payload,
  ].join('\n')
  const digest = createHash('sha256').update(canonical).digest('hex')
  const text = ['AWS4-HMAC-SHA256', claim.date, scope, digest].join('\n')
  const signing = [day, region, service, last].reduce<Buffer | string>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${key.secret}`,
  )
  const right = createHmac('sha256', signing).update(text).digest('hex')
  return id === key.id && last === 'aws4_request' && claim.signature === right && Date.now() < claim.expiresAt
}

/** Clocks may differ by this much. */
const skewMs = 15 * 60_000

const timeOf = (date: string): number =>
  Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))

function inHeaders({ headers }: IncomingMessage): Claim {
  const words =
    /Credential=([^,]*), SignedHeaders=([^,]*), Signature=(.*)$/.exec(headers.authorization ?? '') ?? []
  const [, credential = '', signedHeaders = '', signature = ''] = words
  const date = String(headers['x-amz-date'])
  const payload = String(headers['x-amz-content-sha256'])
  return { credential, signedHeaders, signature, date, payload, expiresAt: timeOf(date) + skewMs }
}

function inQuery({ searchParams }: URL): Claim {
  const said = (name: string) => searchParams.get(`X-Amz-${name}`) ?? ''
  const date = said('Date')
  return {
    credential: said('Credential'),
    signedHeaders: said('SignedHeaders'),
    signature: said('Signature'),
    date,
    payload: 'UNSIGNED-PAYLOAD',
    expiresAt: timeOf(date) + Number(said('Expires')) * 1000,
  }
}

function queryOf({ searchParams }: URL): string {
  return [...searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .toSorted()
    .join('&')
}
