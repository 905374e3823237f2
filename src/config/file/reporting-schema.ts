// The schema of the reporting section: the operator's currency, what a credit sells for, and where a day begins.
import { decimal, reads, section } from '../fields.ts'
import { showValue, WrongValue } from '../wording.ts'

/** A credit above this is a typo. */
const creditValueMax = 1_000_000

/** Any three letters: new ones are made, and some resellers count in units that ISO 4217 does not have. */
const currency = () =>
  reads((value) => {
    if (typeof value === 'string' && /^[A-Za-z]{3}$/.test(value)) return value.toUpperCase()
    throw new WrongValue(`must be a currency of three letters, as USD or CNY, not ${showValue(value)}`)
  })

const timeZone = () =>
  reads((value) => {
    if (typeof value === 'string' && isTimeZone(value)) return value
    throw new WrongValue(`must be a time zone as UTC or Asia/Shanghai, not ${showValue(value)}`)
  })

/** A bare offset is refused: it has no summer time, and 8 hours too many are easily written for 8 too few. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}

export const reportingSchema = section({
  currency: currency().optional(),
  credit_value: decimal(creditValueMax).optional(),
  time_zone: timeZone().prefault('UTC'),
}).transform((reporting) => ({
  currency: reporting.currency ?? null,
  creditValue: reporting.credit_value ?? null,
  timeZone: reporting.time_zone,
}))
