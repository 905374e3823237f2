// Takes a client's picture and gives it a URL that create accepts.
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { GatewayError } from '../../errors.ts'
import { accountSuspended } from '../../ledger/charge.ts'
import { uploadBytesMax, uploadImage } from '../../media/upload.ts'
import { callerOf } from '../auth.ts'
import type { Routes } from '../route.ts'
import { fileAnswer } from './answers.ts'

/** Each upload under way is held in memory; more than these wait for none, they are told to come back. */
const uploadsMax = 8
const fileNameMax = 200

export async function addFileRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): Promise<void> {
  await scope.register(multipart, { limits: { files: 1, fileSize: uploadBytesMax, fields: 0, parts: 2 } })
  let underWay = 0
  routes.add(scope, {
    method: 'POST',
    url: '/api/v1/files',
    tag: 'Files',
    summary: 'Upload a File',
    description: 'JPG, PNG, BMP, WebP or GIF by content, 20 MB at most. The URL is usable in `image_urls`.',
    bodyType: 'multipart/form-data',
    documentedBody: () => z.object({ file: z.file().meta({ override: { type: 'string', format: 'binary' } }) }),
    answer: fileAnswer,
    async run({ request }) {
      if (callerOf(request).status === 'suspended') throw accountSuspended()
      if (underWay >= uploadsMax) throw tooManyUploads()
      underWay += 1
      try {
        const { bytes, fileName } = await readFile(request)
        const { url } = await uploadImage(ctx, { bytes, fileName, signal: request.signal })
        return { url, file_name: fileName, bytes: bytes.length }
      } finally {
        underWay -= 1
      }
    },
  })
}

async function readFile(request: FastifyRequest): Promise<{ bytes: Buffer; fileName: string }> {
  if (!request.isMultipart()) throw new WrongMediaType()
  const file = await request.file()
  if (!file || file.fieldname !== 'file') throw noFile()
  const bytes = await file.toBuffer()
  if (bytes.length === 0) throw noFile()
  return { bytes, fileName: file.filename.slice(0, fileNameMax) }
}

class WrongMediaType extends Error {
  readonly statusCode = 415
}

const noFile = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'file: missing or empty. Send one file as multipart/form-data in the field "file".',
      zh: 'file:缺失或为空。请以 multipart/form-data 在 “file” 字段中上传一个文件。',
    },
    { field: 'file' },
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
