// What operators may do: an owner everything, support looks and gives back up to a bound, a viewer looks.
import { hash, timingSafeEqual } from 'node:crypto'
import { operatorRoles } from '../config/file/operators-schema.ts'
import type { Config, OperatorConfig } from '../config/config.ts'
import { GatewayError } from '../errors.ts'

export type Role = OperatorConfig['role']

export interface Operator {
  readonly name: string
  readonly role: Role
  /** The most credits that it may give back for one task; null: any number. */
  readonly refundMax: number | null
}

/** Who acts with ADMIN_TOKEN: the first owner. */
export const admin: Operator = { name: 'admin', role: 'owner', refundMax: null }

/** A higher role may do what a lower one may. */
export const allows = (role: Role, needed: Role): boolean =>
  operatorRoles.indexOf(role) >= operatorRoles.indexOf(needed)

/** Whose token has this SHA-256; null: nobody's. Each is compared in full, so that the time it takes tells nothing. */
export function operatorOf({ operators }: Pick<Config, 'operators'>, digest: Buffer): Operator | null {
  let found: Operator | null = null
  for (const [name, { tokenHash, role, refundsUpTo }] of Object.entries(operators)) {
    const refundMax = role === 'owner' ? null : (refundsUpTo ?? 0)
    if (timingSafeEqual(Buffer.from(tokenHash, 'hex'), digest)) found = { name, role, refundMax }
  }
  return found
}

export interface OperatorToken {
  readonly operator: Operator
  /** SHA-256 of its token, in hexadecimal digits. */
  readonly tokenHash: string
}

/** Who has this name, with the token as it is configured now; null: nobody. */
export function operatorNamed(
  { operators, adminToken }: Pick<Config, 'operators' | 'adminToken'>,
  name: string,
): OperatorToken | null {
  if (name === admin.name) {
    return adminToken === null ? null : { operator: admin, tokenHash: hash('sha256', adminToken, 'hex') }
  }
  const tokenHash = Object.hasOwn(operators, name) ? operators[name]?.tokenHash : undefined
  const operator = tokenHash === undefined ? null : operatorOf({ operators }, Buffer.from(tokenHash, 'hex'))
  return operator && { operator, tokenHash: tokenHash ?? '' }
}

/** Whose token this is: ADMIN_TOKEN's, or that of an operator by name; null: nobody's. */
export function operatorByToken(
  config: Pick<Config, 'operators' | 'adminToken'>,
  token: string,
): Operator | null {
  const shown = hash('sha256', token, 'buffer')
  const named = operatorOf(config, shown)
  const expected = config.adminToken === null ? null : hash('sha256', config.adminToken, 'buffer')
  // Digests have equal length, so the comparison does not reveal the token's length.
  return expected !== null && timingSafeEqual(shown, expected) ? admin : named
}

/** Whether anybody can be an operator at all. */
export const hasOperators = ({ operators, adminToken }: Pick<Config, 'operators' | 'adminToken'>): boolean =>
  adminToken !== null || Object.keys(operators).length > 0

/** As `detail` of an unauthorized: who asks is known, and may not do this. */
export const roleTooLow = 'the role is too low'

export const requireRole = ({ name, role }: Operator, needed: Role): void => {
  if (allows(role, needed)) return
  throw new GatewayError(
    'unauthorized',
    {
      en: `${name} has the role ${role}; this needs ${needed}. Nothing was changed. Ask an owner, or have the role changed in tollgate.yaml.`,
      zh: `${name} 的角色为 ${role},此操作需要 ${needed}。未作任何改动。请联系 owner,或在 tollgate.yaml 中修改角色。`,
    },
    { detail: roleTooLow },
  )
}

/** Throws unauthorized if this is more than the operator may give back for a task. */
export function requireRefundBound(
  { name, refundMax }: Pick<Operator, 'name' | 'refundMax'>,
  credits: number,
): void {
  if (refundMax === null || credits <= refundMax) return
  throw new GatewayError(
    'unauthorized',
    {
      en: `${name} may give back up to ${refundMax} credits for a task (refunds_up_to), and this is ${credits}. Nothing was changed. Ask an owner.`,
      zh: `${name} 每个任务最多可退还 ${refundMax} 积分(refunds_up_to),此次为 ${credits}。未作任何改动。请联系 owner。`,
    },
    { field: 'credits', detail: roleTooLow },
  )
}
