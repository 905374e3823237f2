// A key as the customer sees it, and its limits as a form holds them.
import type { Answer } from '../../../api/client.ts'

export type Key = Answer<'/api/v1/keys'>['keys'][number]

export const amounts = ['credits_total', 'credits_per_day', 'tasks_in_flight', 'requests_per_minute'] as const
