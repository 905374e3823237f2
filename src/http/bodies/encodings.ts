// Refuses bodies in a content encoding, transfer encoding or charset that the gateway does not read.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { GatewayError } from '../../errors.ts'

/** For all routes of a scope. The headers of a request without a body are ignored. */
export function refuseEncodings(scope: FastifyInstance): void {
  // oxlint-disable-next-line eslint/max-params -- Fastify's hook with a callback: a promise would cost each request
  scope.addHook('preParsing', (request, _reply, payload, done) => {
    done(hasBody(request) ? (twoTypes(request) ?? encodingRefusal(request.headers)) : null, payload)
  })
}

/** Node takes the first header, but a proxy in front may have checked the second. */
function twoTypes({ raw }: FastifyRequest): GatewayError | null {
  return (raw.headersDistinct['content-type']?.length ?? 0) > 1 ? moreThanOneType() : null
}

export function hasBody({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  const { 'content-length': length, 'transfer-encoding': transfer } = headers
  return transfer !== undefined || (length !== undefined && length !== '0')
}

function encodingRefusal({
  'content-encoding': contentEncoding = '',
  'transfer-encoding': transferEncoding = '',
  'content-type': contentType = '',
}: FastifyRequest['headers']): GatewayError | null {
  const codings = [
    ...listed(contentEncoding).filter((coding) => coding !== 'identity'),
    ...listed(transferEncoding).filter((coding) => coding !== 'chunked' && coding !== 'identity'),
  ]
  const [coding] = codings
  if (coding !== undefined) return wrongCoding(coding)
  return charsetRefusal(contentType)
}

function listed(value: string): string[] {
  return value === ''
    ? []
    : value
        .toLowerCase()
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== '')
}

const charsets = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii'])
/** Also matches `charset*=utf-8''…`, whose value follows the last apostrophe. */
const charsetParameter = /;\s*charset(?:\*\d{0,3}\*?)?\s*=\s*(?:"([^"]*)"|([^;\s]*))/gi

/** Checks all parameters: any of them may name a charset. */
function charsetRefusal(contentType: string): GatewayError | null {
  if (!contentType.includes(';')) return null
  for (const [, quoted, plain = ''] of contentType.matchAll(charsetParameter)) {
    const charset = (quoted ?? plain).split("'").at(-1) ?? ''
    if (!charsets.has(charset.toLowerCase())) return wrongCharset(charset)
  }
  return null
}

/** Checks the Content-Transfer-Encoding of a form part. */
export function transferRefusal(encoding: string): GatewayError | null {
  return ['7bit', '8bit', 'binary', 'identity'].includes(encoding.toLowerCase())
    ? null
    : wrongCoding(encoding)
}

const shownLengthMax = 40
const shown = (name: string): string => name.slice(0, shownLengthMax).replaceAll(/[^\x21-\x7e]/g, '?')

const wrongCoding = (coding: string) =>
  new GatewayError('unsupported_media_type', {
    en: `The body is encoded as "${shown(coding)}", and only bodies that are not compressed or encoded are read. Nothing was charged. Send it as it is.`,
    zh: `请求体使用了 “${shown(coding)}” 编码,网关只接受未压缩、未编码的请求体。未扣除任何积分。请直接发送原始内容。`,
  })

const moreThanOneType = () =>
  new GatewayError('unsupported_media_type', {
    en: 'The request has more than one Content-Type header, and which one is meant is unknown. Nothing was charged. Send one.',
    zh: '请求包含多个 Content-Type 请求头,无法确定以哪一个为准。未扣除任何积分。请只发送一个。',
  })

const wrongCharset = (charset: string) =>
  new GatewayError('unsupported_media_type', {
    en: `The body is in the charset "${shown(charset)}", and only UTF-8 is read. Nothing was charged. Send it as UTF-8.`,
    zh: `请求体的字符集为 “${shown(charset)}”,网关只接受 UTF-8。未扣除任何积分。请使用 UTF-8 发送。`,
  })
