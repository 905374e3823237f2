// Reads a multipart form of fields and pictures: the pictures to disk, one small piece per event loop turn.
import { errorCodes } from 'fastify'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { refused } from '../../../catalog/refusal.ts'
import type { Context } from '../../../context.ts'
import { GatewayError } from '../../../errors.ts'
import { InlinePicture } from '../../../media/uploads/inline-picture.ts'
import { TooLong } from '../../../media/spool.ts'
import type { Spooled } from '../../../media/spool.ts'
import { receiveImage } from '../../../media/uploads/upload.ts'
import { transferRefusal } from '../../bodies/encodings.ts'
import { asError, feedForm, notMultipart, openForm } from '../../bodies/file-form.ts'
import type { PictureBodies } from '../../bodies/picture-body.ts'

/** Above the maximum of every model. */
const filesMax = 16
const fieldsMax = 64
/** A prompt of its longest, with room for characters of four bytes. */
const fieldBytesMax = 16 * 1024
/** Several pictures of a photographer's camera; each is 20 MB at most. */
const formBytesMax = 64 * 1024 * 1024
/** What stands before the base64 of a picture in a data: URI; its type is found by its content. */
const head = 'data:image/png;base64,'

/** Call it in a scope of its own: there, forms are not read before the routes ask for them. */
export function acceptForms(scope: FastifyInstance): void {
  scope.decorateRequest('form', null)
  scope.addContentTypeParser('multipart/form-data', (request, payload, done) => {
    request.form = payload
    done(null)
  })
}

export interface Form {
  /** Pictures and texts; several of one name are a list, and `image[]` is `image`. */
  readonly fields: Readonly<Record<string, unknown>>
  /** Calling it twice is safe. */
  discard(): Promise<void>
}

/**
 * The fields of a JSON body or a form. Throws invalid_request, payload_too_large, unavailable and what admits
 * pictures; then nothing is left on disk.
 */
export async function readFields(
  ctx: Context,
  request: FastifyRequest,
  pictures: PictureBodies,
): Promise<Form> {
  const { form: payload } = request
  if (!payload) return { fields: request.body as never, discard: async () => undefined }
  const told = request.headers['content-length']
  const bytes = Number(told ?? formBytesMax)
  if (bytes > formBytesMax) throw new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE()
  const leave = await pictures.admit(request, bytes)
  try {
    const { fields, files } = await readParts(ctx, request)
    let isHeld = true
    const discard = async () => {
      if (!isHeld) return
      isHeld = false
      leave()
      for (const file of files) await file.discard()
    }
    return { fields, discard }
  } catch (error) {
    leave()
    throw error
  }
}

interface Parts {
  readonly fields: Record<string, unknown>
  readonly files: readonly Spooled[]
}

async function readParts(ctx: Context, { form: payload, headers }: FastifyRequest): Promise<Parts> {
  if (!payload) throw notMultipart()
  const form = openForm(headers['content-type'] ?? '', {
    files: filesMax,
    fields: fieldsMax,
    parts: filesMax + fieldsMax,
    fieldSize: fieldBytesMax,
  })
  const failed = new AbortController()
  const fail = (error: unknown): void => failed.abort(error)
  /** In the order of the form. */
  const parts: { readonly name: string; readonly value: string | Promise<Spooled> }[] = []
  form.on('error', () => fail(notMultipart()))
  for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const)
    form.on(limit, () => fail(tooManyParts()))
  // oxlint-disable-next-line eslint/max-params -- busboy's event
  form.on('field', (name, value, _isNameCut, isCut) => {
    if (isCut) fail(tooLongField(name))
    parts.push({ name: plainName(name), value })
  })
  // oxlint-disable-next-line eslint/max-params -- busboy's event
  form.on('file', (givenName, part, _fileName, transferEncoding) => {
    const name = plainName(givenName)
    const file = receiveImage(ctx, part, name)
    parts.push({ name, value: file })
    file.catch(fail)
    part.on('error', ({ name: kind }) => {
      if (kind !== 'AbortError') fail(notMultipart())
    })
    failed.signal.addEventListener('abort', () => part.destroy(asError(failed.signal.reason)))
    const refusal = transferRefusal(transferEncoding)
    if (refusal) fail(refusal)
  })
  const spooled = () => parts.flatMap(({ value }) => (typeof value === 'string' ? [] : [value]))
  try {
    await feedForm(form, payload, { failed: failed.signal, bytesMax: formBytesMax })
    const files = await Promise.all(spooled())
    const fields: Record<string, unknown> = {}
    for (const { name, value } of parts)
      addTo(fields, name, typeof value === 'string' ? value : new InlinePicture(head, await value))
    return { fields, files }
  } catch (error) {
    fail(error)
    for (const file of spooled())
      await file.then(async ({ discard }) => await discard()).catch(() => undefined)
    throw error instanceof TooLong ? new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE() : error
  }
}

/** `image[]` and `image[0]` are several of `image`. */
const plainName = (name: string): string => name.replace(/\[\d{0,3}\]$/, '')

function addTo(fields: Record<string, unknown>, name: string, value: unknown): void {
  const before = Object.hasOwn(fields, name) ? fields[name] : undefined
  const all =
    before === undefined ? value : [...(Array.isArray(before) ? (before as unknown[]) : [before]), value]
  Object.defineProperty(fields, name, { value: all, enumerable: true, configurable: true, writable: true })
}

const tooManyParts = () =>
  new GatewayError('invalid_request', {
    en: `The form has more than ${filesMax} files or ${fieldsMax} fields. Nothing was charged.`,
    zh: `表单超过 ${filesMax} 个文件或 ${fieldsMax} 个字段。未扣除任何积分。`,
  })

const tooLongField = (name: string) =>
  refused(
    name.slice(0, 64).toWellFormed(),
    `must be no longer than ${fieldBytesMax} bytes`,
    `长度不得超过 ${fieldBytesMax} 字节`,
  )
