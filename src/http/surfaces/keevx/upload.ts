// Keevx's upload of a picture.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { ClientMeans } from '../optional.ts'

const uploadAnswer = z
  .object({
    code: z.literal(0),
    success: z.literal(true),
    message: z.object({ global: z.literal('success') }),
    result: z.object({
      url: z.string().meta({ description: 'Usable in the URLs of pictures of an order.' }),
      fileId: z.string(),
      fileName: z.string(),
    }),
  })
  .meta({
    id: 'KeevxUpload',
    examples: [
      {
        code: 0,
        success: true,
        message: { global: 'success' },
        result: {
          url: 'https://gateway.example/media/a.png',
          fileId: 'req_0mx2l3mzx00b7v1d9q4kf6hs2wme',
          fileName: 'a.png',
        },
      },
    ],
  })

export function addUploadRoute(scope: FastifyInstance, { routes, uploads }: ClientMeans): void {
  uploads.readForms(scope)
  routes.add(scope, {
    method: 'POST',
    url: '/keevx/v1/figure-resource/upload/file',
    operationId: 'uploadKeevxFile',
    tag: 'Keevx',
    summary: 'Upload a Picture',
    description: 'JPG, PNG, BMP, WebP or GIF by content, 20 MB at most.',
    bodyType: 'multipart/form-data',
    documentedBody: () =>
      z.object({ file: z.file().meta({ override: { type: 'string', format: 'binary' } }) }),
    answer: uploadAnswer,
    async run({ request }) {
      const { url, fileName } = await uploads.receive(request)
      return {
        code: 0 as const,
        success: true as const,
        message: { global: 'success' as const },
        result: { url, fileId: request.id, fileName },
      }
    },
  })
}
