// Reads a form that holds one file and nothing else: from the connection to the disk, a little in each turn.
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
  /** Null where the client names none. */
  readonly fileName: string | null
}

/** What the parser looks through at once. */
const pieceBytesMax = 16 * 1024
const partHeaderBytesMax = 8 * 1024
const partHeadersMax = 32

/**
 * The one part there may be: a file called "file". It is there when all of the body has come and was right: what
 * comes after a file may still refuse it. Throws invalid_request, payload_too_large, unsupported_media_type,
 * unavailable, and BrokeOff; then nothing is left on disk.
 */
export async function readFileForm(
  ctx: Context,
  payload: RequestPayload,
  contentType: string,
): Promise<FileForm> {
  const form = openForm(contentType)
  const failed = new AbortController()
  const fail = (error: unknown): void => failed.abort(error)
  let fileName: string | null = null
  const spooled: Promise<Spooled>[] = []
  form.on('error', () => fail(notMultipart()))
  form.on('field', () => fail(noFile()))
  for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const)
    form.on(limit, () => fail(noFile()))
  form.on('file', (name, part, givenName, transferEncoding) => {
    const file = receiveImage(ctx, part, 'file')
    spooled.push(file)
    file.catch(fail)
    // A part that ends early says so: the form is broken. One that is aborted was refused, and its reason follows.
    part.on('error', ({ name: kind }) => {
      if (kind !== 'AbortError') fail(notMultipart())
    })
    failed.signal.addEventListener('abort', () => part.destroy(asError(failed.signal.reason)))
    fileName = givenName ?? null
    const refusal = name === 'file' ? transferRefusal(transferEncoding) : noFile()
    if (refusal) fail(refusal)
  })
  try {
    await feed(form, payload, failed.signal)
    const [file] = spooled
    if (!file) throw noFile()
    return { file: await file, fileName }
  } catch (error) {
    fail(error)
    for (const file of spooled) await file.then(async ({ discard }) => await discard()).catch(() => undefined)
    throw error instanceof TooLong ? new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE() : error
  }
}

function openForm(contentType: string): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: {
        files: 1,
        fields: 1,
        parts: 1,
        fieldSize: partHeaderBytesMax,
        // A byte more than may be, so that the spool finds the file too long.
        fileSize: uploadBytesMax + 1,
        headerSize: partHeaderBytesMax,
        headerPairs: partHeadersMax,
      },
    })
  } catch {
    throw notMultipart()
  }
}

/** Until the form has ended; throws the reason of the signal as soon as there is one, and BrokeOff. */
async function feed(form: BusboyInstance, payload: RequestPayload, failed: AbortSignal): Promise<void> {
  const feeding = feedAll(form, payload, failed)
  // It is left behind where nothing comes any more that would end it.
  feeding.catch(() => undefined)
  const failing = new Promise<never>((_resolve, reject) => {
    failed.addEventListener('abort', () => reject(asError(failed.reason)))
  })
  await Promise.race([feeding, failing])
}

async function feedAll(form: BusboyInstance, payload: RequestPayload, failed: AbortSignal): Promise<void> {
  const finished = once(form, 'finish', { signal: failed })
  finished.catch(() => undefined)
  for await (const piece of inTurns(payload, pieceBytesMax)) {
    failed.throwIfAborted()
    if (!form.write(piece)) await once(form, 'drain', { signal: failed })
  }
  form.end()
  await finished
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error('refused'))

const noFile = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'file: missing, empty, or not alone. Send one file and nothing else as multipart/form-data in the field "file".',
      zh: 'file:缺失、为空,或还有其他内容。请以 multipart/form-data 仅在 “file” 字段中上传一个文件。',
    },
    { field: 'file' },
  )

const notMultipart = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'The body is not well-formed multipart/form-data, or broke off.',
      zh: '请求体不是格式正确的 multipart/form-data,或已中断。',
    },
    { detail: notWellFormed },
  )
