// Numbers, days and times in the reader's language.
import { computed } from '@preact/signals'
import { language } from '../language/language.ts'
import { zone } from '../zone.ts'

const locale = computed(() => (language.value === 'zh' ? 'zh-CN' : 'en-GB'))
const numbers = computed(
  () => new Intl.NumberFormat(language.value === 'zh' ? 'zh-CN' : 'en', { maximumFractionDigits: 2 }),
)
const times = computed(
  () =>
    new Intl.DateTimeFormat(locale.value, {
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      timeZone: zone,
    }),
)
const wholeTimes = computed(
  () => new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeStyle: 'long', timeZone: zone }),
)

export const number = (value: number): string => numbers.value.format(value)

/** What is not known yet has its place already. */
export const shown = (value: number | undefined): string => (value === undefined ? '…' : number(value))

/** With its sign, as in a statement. */
export const signed = (value: number): string =>
  value > 0 ? `+${number(value)}` : value < 0 ? `−${number(-value)}` : '0'

/** As `42 MB`, `1.3 GB`. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const at = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3))
  const value = count / 1000 ** at
  return `${number(value < 10 ? Math.round(value * 10) / 10 : Math.round(value))} ${units[at]}`
}

export const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${number(Math.round((part / whole) * 1000) / 10)} %`

export const time = (atSeconds: number): string => times.value.format(atSeconds * 1000)
export const wholeTime = (atSeconds: number): string => wholeTimes.value.format(atSeconds * 1000)

/** As `42 s`, `3 min 10 s`, `2 h 5 min`. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min${whole % 60 ? ` ${whole % 60} s` : ''}`
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`
}

const dates = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' })

/** A day as the gateway counts it, today or so many days ago. */
export function day(ago = 0): string {
  const at = new Date(dates.format(Date.now()))
  at.setUTCDate(at.getUTCDate() - ago)
  return at.toISOString().slice(0, 10)
}
