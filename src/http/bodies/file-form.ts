// Reads a multipart form with exactly one file and streams it to disk, one small piece per event loop turn.
import { once } from 'node:events'
import { Busboy } from '@fastify/busboy'
import type { BusboyInstance } from '@fastify/busboy'
import { errorCodes } from 'fastify'
import type { RequestPayload } from 'fastify'
import type { Context } from '../../context.ts'
import { GatewayError } from '../../errors.ts'
import { TooLong } from '../../media/spool.ts'
import type { Spooled } from '../../media/spool.ts'
import { receiveImage, uploadBytesMax } from '../../media/uploads/upload.ts'
import { notWellFormed } from '../wire/refusals.ts'
import { transferRefusal } from './encodings.ts'
import { inTurns } from './turn.ts'

export interface FileForm {
  readonly file: Spooled
  /** Null if the client sends no file name. */
  readonly fileName: string | null
}

/** The parser handles at most this much at once. */
const pieceBytesMax = 16 * 1024
const partHeaderBytesMax = 8 * 1024
const partHeadersMax = 32

export interface FormOf {
  readonly contentType: string
  /** What the file is called; "file" if left out. */
  readonly field?: string
  /** So many parts of other names are allowed, and are not looked at. */
  readonly besidesMax?: number
}

/**
 * Accepts exactly one part, the file, unless others are allowed. Resolves only after the whole body has arrived and is
 * valid: data after the file may still cause a refusal. Throws invalid_request, payload_too_large,
 * unsupported_media_type, unavailable, and BrokeOff; then nothing is left on disk.
 */
export async function readFileForm(
  ctx: Context,
  payload: RequestPayload,
  { contentType, field = 'file', besidesMax = 0 }: FormOf,
): Promise<FileForm> {
  const most = 1 + besidesMax
  const form = openForm(contentType, {
    files: most,
    fields: most,
    parts: most,
    fieldSize: partHeaderBytesMax,
  })
  const failed = new AbortController()
  const fail = (error: unknown): void => failed.abort(error)
  let fileName: string | null = null
  const spooled: Promise<Spooled>[] = []
  form.on('error', () => fail(notMultipart()))
  if (besidesMax === 0) form.on('field', () => fail(noFile(field)))
  for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const)
    form.on(limit, () => fail(noFile(field)))
  // oxlint-disable-next-line eslint/max-params -- busboy's event
  form.on('file', (name, part, givenName, transferEncoding) => {
    if (name !== field && besidesMax > 0) return void part.resume()
    if (spooled.length > 0) return fail(noFile(field))
    const file = receiveImage(ctx, part, field)
    spooled.push(file)
    file.catch(fail)
    // A truncated part emits an error: the form is malformed. An AbortError follows a refusal of ours.
    part.on('error', ({ name: kind }) => {
      if (kind !== 'AbortError') fail(notMultipart())
    })
    failed.signal.addEventListener('abort', () => part.destroy(asError(failed.signal.reason)))
    fileName = givenName ?? null
    const refusal = name === field ? transferRefusal(transferEncoding) : noFile(field)
    if (refusal) fail(refusal)
  })
  try {
    await feedForm(form, payload, { failed: failed.signal, bytesMax: Infinity })
    const [file] = spooled
    if (!file) throw noFile(field)
    return { file: await file, fileName }
  } catch (error) {
    fail(error)
    for (const file of spooled) await file.then(async ({ discard }) => await discard()).catch(() => undefined)
    throw error instanceof TooLong ? new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE() : error
  }
}

export interface FormLimits {
  readonly files: number
  readonly fields: number
  readonly parts: number
  readonly fieldSize: number
}

/** Throws invalid_request. */
export function openForm(contentType: string, limits: FormLimits): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: {
        ...limits,
        // One byte above the maximum, so that the spool notices a file that is too long.
        fileSize: uploadBytesMax + 1,
        headerSize: partHeaderBytesMax,
        headerPairs: partHeadersMax,
      },
    })
  } catch {
    throw notMultipart()
  }
}

export interface Feeding {
  readonly failed: AbortSignal
  /** Of the whole form. */
  readonly bytesMax: number
}

/** Resolves when the form has ended; throws the signal's reason as soon as it aborts, TooLong and BrokeOff. */
export async function feedForm(
  form: BusboyInstance,
  payload: RequestPayload,
  { failed, bytesMax }: Feeding,
): Promise<void> {
  const feeding = feedAll(form, payload, { failed, bytesMax })
  // After an abort, `feeding` may never end or may fail later; that failure is ignored.
  feeding.catch(() => undefined)
  const failing = new Promise<never>((_resolve, reject) => {
    failed.addEventListener('abort', () => reject(asError(failed.reason)))
  })
  await Promise.race([feeding, failing])
}

async function feedAll(
  form: BusboyInstance,
  payload: RequestPayload,
  { failed, bytesMax }: Feeding,
): Promise<void> {
  const finished = once(form, 'finish', { signal: failed })
  finished.catch(() => undefined)
  let bytes = 0
  for await (const piece of inTurns(payload, pieceBytesMax)) {
    failed.throwIfAborted()
    bytes += piece.length
    if (bytes > bytesMax) throw new TooLong(`more than ${bytesMax} bytes`)
    if (!form.write(piece)) await once(form, 'drain', { signal: failed })
  }
  form.end()
  await finished
}

export const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error('refused'))

const noFile = (field: string) =>
  new GatewayError(
    'invalid_request',
    {
      en: `${field}: missing, empty, or not alone. Send one file and nothing else as multipart/form-data in the field "${field}".`,
      zh: `${field}:缺失、为空,或还有其他内容。请以 multipart/form-data 仅在 “${field}” 字段中上传一个文件。`,
    },
    { field },
  )

export const notMultipart = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'The body is not well-formed multipart/form-data, or ended early.',
      zh: '请求体不是格式正确的 multipart/form-data,或已中断。',
    },
    { detail: notWellFormed },
  )
