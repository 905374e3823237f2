// The operator's audit: who did what to what.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { listActs } from '../../operators/audit.ts'
import { filterText, pageOf, pageQuery, readCursor } from '../paging.ts'
import type { Routes } from '../route.ts'
import { viewAct } from '../views.ts'
import { nextCursor, sample, seconds, text, whole } from '../v1/fields.ts'

const fields = z.record(z.string(), z.unknown()).nullable()

const actListAnswer = z
  .object({
    acts: z.array(
      z
        .object({
          id: whole(812),
          actor: text('anna').meta({
            description: 'The operator’s name; `admin`: by ADMIN_TOKEN, `cli`: by a command.',
          }),
          origin: text('203.0.113.7')
            .nullable()
            .meta({ description: 'The address of the request; null: a command.' }),
          action: text('changeAccount').meta({
            description: 'The operation of this API that does the same.',
          }),
          target: text(sample.accountId)
            .nullable()
            .meta({ description: 'The id of what was changed; null: the gateway as a whole.' }),
          before: fields.meta({
            description: 'What was changed, as it was.',
            examples: [{ status: 'active' }],
          }),
          after: fields.meta({ description: 'The same, as it is.', examples: [{ status: 'suspended' }] }),
          created_at: seconds,
        })
        .meta({ id: 'Act' }),
    ),
    next_cursor: nextCursor,
  })
  .meta({ id: 'ActList' })

const cursorForm = /^\d{1,15}$/
const lengthMax = 100

export function addActRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/admin/v1/audit',
    operationId: 'listActs',
    tag: 'Operation',
    summary: 'Audit',
    description:
      'What operators have done, by this API and by commands, newest first. Nothing of it is ever changed or removed.',
    query: z.strictObject({
      ...pageQuery(cursorForm),
      actor: filterText(lengthMax)
        .min(1)
        .optional()
        .meta({ description: 'Only acts of this operator; `admin`: by ADMIN_TOKEN, `cli`: by a command.' }),
      target: filterText(lengthMax)
        .min(1)
        .optional()
        .meta({ description: 'Only acts on the account, key or other thing with this id.' }),
    }),
    answer: actListAnswer,
    async run({ query: { actor = null, target = null, cursor, limit } }) {
      const from = readCursor(cursor, cursorForm)
      const before = from === null ? null : Number(from)
      const acts = await listActs(ctx.db.read, { actor, target, before, limit })
      return pageOf('acts', acts.map(viewAct), { limit, cursorOf: ({ id }) => String(id) })
    },
  })
}
