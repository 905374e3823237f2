// Replicate's upload of a file: its clients send pictures so, and name the URL in the input.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../../context.ts'
import type { ClientMeans } from '../optional.ts'

const fileAnswer = z
  .object({
    id: z.string(),
    name: z.string(),
    size: z.int(),
    created_at: z.string(),
    expires_at: z.string().nullable(),
    urls: z.object({ get: z.string().meta({ description: 'For the input of a prediction.' }) }),
  })
  .meta({
    id: 'ReplicateFile',
    examples: [
      {
        id: 'req_0mx2l3mzx00b7v1d9q4kf6hs2wme',
        name: 'a.png',
        size: 20_480,
        created_at: '2026-11-30T12:00:00.000Z',
        expires_at: null,
        urls: { get: 'https://gateway.example/media/a.png' },
      },
    ],
  })

/** `metadata`, and what clients write beside it. */
const besidesMax = 4

export function addReplicateFileRoute(
  scope: FastifyInstance,
  ctx: Context,
  { routes, uploads }: ClientMeans,
): void {
  uploads.readForms(scope)
  routes.add(scope, {
    method: 'POST',
    url: '/replicate/v1/files',
    operationId: 'uploadReplicateFile',
    tag: 'Replicate',
    summary: 'Upload a File',
    description: 'JPG, PNG, BMP, WebP or GIF by content, 20 MB at most.',
    bodyType: 'multipart/form-data',
    documentedBody: () =>
      z.object({ content: z.file().meta({ override: { type: 'string', format: 'binary' } }) }),
    answer: fileAnswer,
    status: 201,
    async run({ request }) {
      const { url, fileName, bytes, expiresAt } = await uploads.receive(request, {
        field: 'content',
        besidesMax,
      })
      return {
        id: request.id,
        name: fileName,
        size: bytes,
        created_at: new Date(ctx.clock.now()).toISOString(),
        expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
        urls: { get: url },
      }
    },
  })
}
