// The reasons of failed tasks in the language of the caller.
import type { FastifyRequest } from 'fastify'
import { reasonIn } from '../../reasons.ts'
import type { WholeOrder } from '../../tasks/read/orders.ts'
import { languageOf } from '../wire/language.ts'

export function reasonsFor({ headers }: Pick<FastifyRequest, 'headers'>, order: WholeOrder): WholeOrder {
  const language = languageOf(headers['accept-language']) ?? 'en'
  const tasks = order.tasks.map((task) =>
    task.errorMessage === null ? task : { ...task, errorMessage: reasonIn(language, task.errorMessage) },
  )
  return { ...order, tasks }
}
