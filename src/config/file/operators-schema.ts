// The schema of the operators section: who may use the operator API with a token of their own, and for what.
import { z } from 'zod'
import { name, oneOf, reads, section, wholeNumber } from '../fields.ts'
import { WrongValue } from '../wording.ts'

/** From the one who may do least. */
export const operatorRoles = ['viewer', 'support', 'owner'] as const

/** More than any task costs. */
const refundMax = 1_000_000_000

/** Names that the audit has for others: who acts with ADMIN_TOKEN, and who runs commands. */
const reservedNames: readonly string[] = ['admin', 'cli']

/** Never shown in a message: somebody may have pasted the token itself. */
const tokenHash = () =>
  reads((value) => {
    const [, hex] = typeof value === 'string' ? (/^(?:sha256:)?([0-9a-f]{64})$/i.exec(value) ?? []) : []
    if (hex !== undefined) return hex.toLowerCase()
    throw new WrongValue(
      'must be the SHA-256 of a token, 64 hexadecimal digits: tollgate operators token makes both',
    )
  })

const operatorSchema = section({
  token_hash: tokenHash(),
  role: oneOf(operatorRoles),
  refunds_up_to: wholeNumber(0, refundMax).optional(),
}).transform(({ token_hash, role, refunds_up_to }) => ({
  tokenHash: token_hash,
  role,
  refundsUpTo: refunds_up_to ?? null,
}))

export const operatorsSchema = z
  .record(name(), operatorSchema)
  .superRefine((operators, context) => {
    const seen = new Map<string, string>()
    for (const [operator, { tokenHash: hash }] of Object.entries(operators)) {
      const other = seen.get(hash)
      seen.set(hash, operator)
      if (reservedNames.includes(operator))
        context.addIssue({
          code: 'custom',
          path: [operator],
          message: `the audit has this name for somebody else; choose another than ${reservedNames.join(' and ')}`,
        })
      if (other !== undefined)
        context.addIssue({
          code: 'custom',
          path: [operator, 'token_hash'],
          message: `is that of ${other}: each operator needs a token of their own`,
        })
    }
  })
  .prefault({})
