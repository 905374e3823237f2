// Takes a client's picture and gives it a URL that create accepts.
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { GatewayError } from '../../errors.ts'
import { accountSuspended } from '../../ledger/charge.ts'
import { createGate } from '../../media/gate.ts'
import type { Spooled } from '../../media/spool.ts'
import { receiveImage, relayImage, uploadBytesMax } from '../../media/upload.ts'
import { callerOf } from '../auth.ts'
import { notWellFormed } from '../envelope.ts'
import type { Routes } from '../route.ts'
import { fileAnswer } from './answers.ts'

/** Each upload under way takes a file on disk and a connection; more than these wait for none, they are told to come back. */
const uploadsMax = 16
const uploadsOfAccountMax = 4
const fileNameMax = 200

export async function addFileRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): Promise<void> {
  await scope.register(multipart, { limits: { files: 1, fileSize: uploadBytesMax, fields: 1, parts: 1 } })
  const gate = createGate({ max: uploadsMax, ofAccountMax: uploadsOfAccountMax })
  routes.add(scope, {
    method: 'POST',
    url: '/api/v1/files',
    tag: 'Files',
    summary: 'Upload a File',
    description: 'JPG, PNG, BMP, WebP or GIF by content, 20 MB at most. The URL is usable in `image_urls`.',
    bodyType: 'multipart/form-data',
    documentedBody: () =>
      z.object({ file: z.file().meta({ override: { type: 'string', format: 'binary' } }) }),
    answer: fileAnswer,
    async run({ request }) {
      const { status, accountId } = callerOf(request)
      if (status === 'suspended') throw accountSuspended()
      const leave = gate.enter(accountId)
      if (!leave) throw tooManyUploads()
      // The request's own signal is aborted as soon as its body has been read.
      const gone = new AbortController()
      const hangUp = () => gone.abort()
      request.raw.socket.once('close', hangUp)
      let received: Received | null = null
      try {
        received = await receive(ctx, request)
        const { file, fileName } = received
        const { url } = await relayImage(ctx, file, {
          field: 'file',
          signal: gone.signal,
          upstreamName: null,
        })
        return { url, file_name: fileName, bytes: file.bytes }
      } finally {
        await received?.file.discard()
        request.raw.socket.off('close', hangUp)
        leave()
      }
    },
  })
}

interface Received {
  readonly file: Spooled
  readonly fileName: string
}

/**
 * The one part there may be: a file called "file". It is relayed when all of the body has come and was right: what
 * comes after a file may still refuse it, and nothing that is refused goes out.
 */
async function receive(ctx: Context, request: FastifyRequest): Promise<Received> {
  if (!request.isMultipart()) throw new WrongMediaType()
  let received: Received | null = null
  try {
    for await (const part of request.parts()) {
      if (part.type === 'field' || part.fieldname !== 'file') throw noFile()
      const file = await receiveImage(ctx, part.file, 'file')
      received = { file, fileName: part.filename.slice(0, fileNameMax) }
    }
  } catch (error) {
    // What still comes is read and dropped, so that the answer is heard and the connection stays usable.
    request.raw.unpipe()
    request.raw.resume()
    await received?.file.discard()
    throw asRefusal(error)
  }
  if (!received) throw noFile()
  return received
}

/** The parser names its limits; whatever else it throws means that the body is broken. */
function asRefusal(error: unknown): unknown {
  const { code = '' } = error as { code?: string }
  if (error instanceof GatewayError || code === 'FST_REQ_FILE_TOO_LARGE') return error
  return code.endsWith('_LIMIT') ? noFile() : notMultipart()
}

class WrongMediaType extends Error {
  readonly statusCode = 415
}

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

const retryAfterMs = 3_000

const tooManyUploads = () =>
  new GatewayError(
    'rate_limited',
    {
      en: 'Too many uploads are under way at the moment. Try again in a few seconds.',
      zh: '当前上传过多,请稍后重试。',
    },
    { retryAfterMs },
  )
