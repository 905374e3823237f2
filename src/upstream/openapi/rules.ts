// What an answer of the tasks API means: "Open API", Errors, and the error types that tollgate adds to it.
import { reasons } from '../../reasons.ts'
import { reasonFrom } from '../answers/reason.ts'
import type { AnswerRules, Meaning, Said } from '../answers/rules.ts'
import { membersOf } from '../answers/wire.ts'

/** "code: 200 — Success". */
const successCode = 200
/** "code: 0 — Business failure (see msg field for details)". */
const failureCode = 0

/** As the HTTP statuses that mean the same of one order: whether it is about all, other orders will show. */
const paymentRequired = { kind: 'order_trouble', status: 402 } as const
const notFound = { kind: 'order_trouble', status: 404 } as const

const meanings: Readonly<Record<string, Meaning>> = {
  unauthorized: { kind: 'key' },
  account_suspended: { kind: 'key' },
  forbidden_address: { kind: 'key' },
  insufficient_credits: paymentRequired,
  credit_cap: paymentRequired,
  rate_limited: { kind: 'rate_limited' },
  too_many_tasks: { kind: 'rate_limited' },
  // Of a submit: the address or the model is wrong, which is no fault of the order.
  not_found: notFound,
  unknown_model: notFound,
  // An earlier post under the same key was taken, with another body: it may have been paid for.
  idempotency_mismatch: { kind: 'unclear' },
  payload_too_large: { kind: 'refused', reason: reasons.tooLarge },
}

/** Sites without error types only have words; Keevx's resellers write them in Chinese or English. */
const aboutCredits = /积分|余额|额度|credit|balance|quota/i

/** `secrets` are removed from reasons that customers read. */
export const openApiRules = (secrets: readonly string[]): AnswerRules => ({
  meaningOf(said) {
    if (said.envelope?.code !== failureCode) return undefined
    const type = errorTypeOf(said)
    const { msg = '' } = said.envelope
    if (type === null) return aboutCredits.test(msg) ? paymentRequired : refused(msg, secrets)
    return Object.hasOwn(meanings, type) ? meanings[type] : refused(msg, secrets)
  },
  isOwn: ({ envelope }) =>
    (envelope?.code === successCode || envelope?.code === failureCode) && envelope.msg !== undefined,
  claimsSuccess: (code) => code !== null && code >= successCode && code < successCode + 100,
})

const refused = (msg: string, secrets: readonly string[]): Meaning => ({
  kind: 'refused',
  reason: reasonFrom(msg, secrets),
})

/** Null where the site sends none. */
export function errorTypeOf({ envelope }: Said): string | null {
  const type = membersOf(envelope?.members['error'])?.['type']
  return typeof type === 'string' ? type : null
}
