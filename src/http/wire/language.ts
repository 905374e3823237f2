// Determines the response language from Accept-Language.

import type { FastifyRequest } from 'fastify'
import { reasonIn } from '../../reasons.ts'

export type Language = 'en' | 'zh'

/** The client's preferred language among those we have; null if it names none of them. `*` does not count. */
export function languageOf(acceptLanguage: string | undefined): Language | null {
  if (!acceptLanguage) return null
  let best: { language: Language; weight: number } | null = null
  for (const part of acceptLanguage.split(',')) {
    const [range = '', ...parameters] = part.trim().toLowerCase().split(';')
    const language = range.split('-')[0]
    if (language !== 'en' && language !== 'zh') continue
    const weight = weightOf(parameters)
    if (weight > 0 && (best === null || weight > best.weight)) best = { language, weight }
  }
  return best?.language ?? null
}

function weightOf(parameters: readonly string[]): number {
  const q = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('q='))
  const weight = q === undefined ? 1 : Number(q.slice('q='.length))
  return Number.isFinite(weight) ? weight : 0
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
