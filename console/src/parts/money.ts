// Amounts of money as reports show them: unknown stays unknown.
import { language } from '../language/language.ts'

export function money(amount: number | null, currency: string | null): string {
  if (amount === null) return '?'
  const locale = language.value === 'zh' ? 'zh-CN' : 'en'
  if (currency === null) return amount.toLocaleString(locale, { maximumFractionDigits: 2 })
  return amount.toLocaleString(locale, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' })
}
