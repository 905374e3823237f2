// The two OpenAPI documents: the customers' and the operator's.
import type { Surface } from '../wire/wire.ts'
import { documentedWebhooks } from './event-docs.ts'

export const clientDocument = {
  callers: 'customers',
  title: (name) => name,
  description:
    'REST API for creating image and video generation tasks. Every answer is `{ code, msg, data }`: `code` 200 is success, `code` 0 a failure that `error` explains. Answers may gain fields; take those that you know.',
  schemes: { key: 'An account’s sk- key.' },
  webhooks: documentedWebhooks,
} as const satisfies DocumentPlan

export const operatorDocument = {
  callers: 'operators',
  title: (name) => `${name}, operator API`,
  description:
    'Accounts, keys, credits, tasks of all accounts and the models on sale. Every answer is `{ code, msg, data }`, and its HTTP status says what failed. Answers may gain fields; take those that you know.',
  schemes: { adminToken: 'The operator’s ADMIN_TOKEN.' },
  webhooks: null,
} as const satisfies DocumentPlan

export interface DocumentPlan {
  /** The surfaces whose routes stand in it. */
  readonly callers: Surface['callers']
  /** With the name of the brand. */
  readonly title: (name: string) => string
  readonly description: string
  /** Bearer schemes, by the names that `SurfaceDocs.security` uses. */
  readonly schemes: Readonly<Record<string, string>>
  readonly webhooks: typeof documentedWebhooks | null
}
