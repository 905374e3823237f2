// Everything that is known of an account: as a stream of JSON lines.
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { exportAccount, exportCursor } from '../../privacy/export.ts'
import { textOf } from '../../privacy/export-file.ts'
import { sample } from '../v1/fields.ts'
import { jsonLines } from '../route.ts'
import type { Routes } from '../route.ts'
import { accountParams } from './accounts.ts'

const shown = [
  { type: 'export', at: '', version: 1, account_id: sample.accountId, made_at: sample.createdAt * 1000 },
  { type: 'entries', at: 'entries:41', data: { id: 41, kind: 'grant', amount: 1_000 } },
  { type: 'end', at: 'end:whole', whole: true },
]

export function addPrivacyRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/admin/v1/accounts/{id}/export',
    operationId: 'exportAccount',
    tag: 'Accounts',
    summary: 'Export Account',
    description:
      'Everything that is known of the account, as JSON lines: account, keys (no secrets), webhooks, codes that it redeemed, uploads, entries, orders with tasks, attempts and deliveries, what operators did, archived orders of this gateway’s DATA_DIR. The first line has the `type` `export`, the last one `end`: without that the export is not whole. Give the `at` of the last whole line as `after`, and it goes on behind it.',
    params: accountParams,
    query: z.strictObject({
      after: z
        .string()
        .regex(exportCursor)
        .optional()
        .meta({ description: 'The `at` of the last line that arrived whole.', examples: ['entries:41'] }),
    }),
    answerTypes: [jsonLines],
    answer: z.unknown().meta({
      override: { type: 'string' },
      description: 'JSON lines.',
      examples: [textOf(shown)],
    }),
    async run({ params, query, reply }) {
      const pages = await exportAccount(ctx, { accountId: params.id, after: query.after ?? null })
      reply.type(`${jsonLines}; charset=utf-8`).header('cache-control', 'no-store')
      await reply.send(Readable.from(texts(pages), { objectMode: false }))
      return undefined
    },
  })
}

async function* texts(pages: Awaited<ReturnType<typeof exportAccount>>): AsyncGenerator<string> {
  for await (const page of pages) yield textOf(page)
}
