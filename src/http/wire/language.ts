// Determines the response language from Accept-Language.
import type { FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import { reasonIn } from '../../reasons.ts'

export type Language = 'en' | 'zh'

/** A header of thousands of languages would cost milliseconds. */
const headerLengthMax = 512

/** The client's preferred language among those we have; null if it names none of them. `*` does not count. */
export function languageOf(acceptLanguage: string | undefined): Language | null {
  if (acceptLanguage === undefined || acceptLanguage === '') return null
  const headers = { 'accept-language': acceptLanguage.slice(0, headerLengthMax) }
  for (const tag of new Negotiator({ headers }).languages()) {
    const [language] = tag.toLowerCase().split('-')
    if (language === 'en' || language === 'zh') return language
  }
  return null
}

/** The task with its failure reason translated to the request's language. */
export function inLanguageOf<Task extends { readonly error_message: string | null }>(
  { headers }: Pick<FastifyRequest, 'headers'>,
  task: Task,
): Task {
  if (task.error_message === null) return task
  const language = languageOf(headers['accept-language']) ?? 'en'
  return { ...task, error_message: reasonIn(language, task.error_message) }
}
