// Everything that is known of an account: as a stream of JSON lines, and its end.
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../../context.ts'
import { exportAccount, exportCursor } from '../../../privacy/export.ts'
import { textOf } from '../../../privacy/export-file.ts'
import { eraseAccount } from '../../../operators/erase.ts'
import { actorOf } from '../../auth.ts'
import { viewAccount } from '../../views.ts'
import { sample } from '../../v1/fields.ts'
import { jsonLines } from '../../route.ts'
import type { Routes } from '../../route.ts'
import { accountParams } from './accounts.ts'
import { accountAnswer } from '../answers.ts'

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

  addErasing(scope, ctx, routes)
}

function addErasing(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'DELETE',
    url: '/admin/v1/accounts/{id}',
    operationId: 'eraseAccount',
    tag: 'Accounts',
    summary: 'Erase Account',
    description:
      'For ever. In one commit its keys are revoked, its name and its webhook removed, and its credits written off. Prompts, pictures, URLs, files, notes and deliveries follow in small steps, archived orders too; entries stay, without texts. A copy of the store that is restored later is erased again. Refused while tasks are open.',
    params: accountParams,
    query: z.strictObject({
      confirm: z
        .string()
        .min(1)
        .max(64)
        .meta({
          description: 'The id of the account once more.',
          examples: [sample.accountId],
        }),
      forfeit: z.enum(['true', 'false']).optional().meta({
        description: '`true`: write off the credits that it has or owes. Without it they are a refusal.',
      }),
    }),
    answer: accountAnswer,
    run: async ({ params, query, request }) =>
      viewAccount(
        await eraseAccount(ctx, actorOf(request), {
          account: params.id,
          confirmed: query.confirm,
          forfeit: query.forfeit === 'true',
        }),
      ),
  })
}

async function* texts(pages: Awaited<ReturnType<typeof exportAccount>>): AsyncGenerator<string> {
  for await (const page of pages) yield textOf(page)
}
