// Exact amounts of the operator's money: whole millionths, which an answer shows as a decimal number.

const millionth = 6

/**
 * The number whose decimal digits are exactly these, up to nine billion; above that the nearest one that JSON can
 * carry to every reader.
 */
export function amountOf(millionths: bigint): number {
  const digits = String(millionths < 0n ? -millionths : millionths).padStart(millionth + 1, '0')
  const sign = millionths < 0n ? '-' : ''
  return Number(`${sign}${digits.slice(0, -millionth)}.${digits.slice(-millionth)}`)
}
