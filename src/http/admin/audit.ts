// The operator's audit: who did what to what.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { listActs } from '../../operators/audit.ts'
import { filterText, pageOf, pageQuery, readCursor } from '../paging.ts'
import type { Routes } from '../route.ts'
import { viewAct } from '../views.ts'
import { actListAnswer } from './answers.ts'

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
