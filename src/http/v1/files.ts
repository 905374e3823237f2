// Receives a client's picture and returns a URL that create accepts.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Uploads } from '../bodies/uploads.ts'
import type { Routes } from '../route.ts'
import { fileAnswer } from './answers.ts'

export interface FileRoutes {
  readonly routes: Routes
  readonly uploads: Uploads
}

export function addFileRoutes(scope: FastifyInstance, { routes, uploads }: FileRoutes): void {
  uploads.readForms(scope)
  routes.add(scope, {
    method: 'POST',
    url: '/api/v1/files',
    operationId: 'uploadFile',
    tag: 'Files',
    summary: 'Upload a File',
    description:
      'JPG, PNG, BMP, WebP or GIF by content, 20 MB at most. The URL is usable in `image_urls`, until `expires_at` where we keep the file.',
    bodyType: 'multipart/form-data',
    documentedBody: () =>
      z.strictObject({ file: z.file().meta({ override: { type: 'string', format: 'binary' } }) }),
    answer: fileAnswer,
    async run({ request }) {
      const { url, fileName, bytes, expiresAt } = await uploads.receive(request)
      return {
        url,
        file_name: fileName,
        bytes,
        ...(expiresAt !== null && { expires_at: Math.floor(expiresAt / 1000) }),
      }
    },
  })
}
