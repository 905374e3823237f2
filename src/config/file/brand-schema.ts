// The schema of the brand section: texts in one language or two, colours, links, the notice.
import { z } from 'zod'
import { isBlank, isOneLine } from '../../characters.ts'
import { noticeLevels } from '../brand.ts'
import type { FileBrand, Words } from '../brand.ts'
import { filePath, link, oneOf, readLink, reads, section } from '../fields.ts'
import { showValue, WrongValue } from '../wording.ts'

/** Longer ones do not fit where names stand. */
const nameLengthMax = 60
const linkTextMax = 60
const linksMax = 8
const sentenceLengthMax = 500

/** A text, or `{ en, zh }`. */
const words = (lengthMax: number) => reads((value) => readWords(value, lengthMax))

function readWords(value: unknown, lengthMax: number): Words {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const text = readText(value, lengthMax)
    return { en: text, zh: text }
  }
  const { en, zh, ...others } = value as Record<string, unknown>
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw new WrongValue(`must be text, or en and zh; ${unknown} is neither`)
  if (en === undefined || zh === undefined)
    throw new WrongValue(`must have both en and zh; ${en === undefined ? 'en' : 'zh'} is missing`)
  return { en: readText(en, lengthMax), zh: readText(zh, lengthMax) }
}

function readText(value: unknown, lengthMax: number): string {
  if (typeof value !== 'string') throw new WrongValue(`must be text, not ${showValue(value)}; quote it`)
  if (isBlank(value)) throw new WrongValue('must not be empty')
  if (value.length > lengthMax) throw new WrongValue(`must have at most ${lengthMax} characters`)
  if (!isOneLine(value)) throw new WrongValue('must be one line without control characters')
  return value
}

/** `#rgb` or `#rrggbb`, which YAML takes for a comment unless it is quoted. */
const color = () =>
  reads((value) => {
    const hex = typeof value === 'string' ? value.toLowerCase() : ''
    if (/^#[0-9a-f]{6}$/.test(hex)) return hex
    if (/^#[0-9a-f]{3}$/.test(hex)) return hex.replaceAll(/[0-9a-f]/g, '$&$&')
    throw new WrongValue(`must be a colour such as "#4f46e5", in quotes, not ${showValue(value)}`)
  })

/** A page, or an address to write to. */
const linkOrMail = () =>
  reads((value) => {
    const isMail = typeof value === 'string' && /^mailto:[\w.+-]{1,64}@[\w.-]{1,190}$/i.test(value)
    return isMail ? value : readLink(value)
  })

/** With the offset from UTC, as the file is read on machines of any time zone. */
const moment = () =>
  reads((value) => {
    const isWritten =
      typeof value === 'string' &&
      /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)$/.test(value) &&
      !Number.isNaN(Date.parse(value))
    if (isWritten) return Date.parse(value)
    throw new WrongValue(
      `must be a time with its offset from UTC, such as 2026-12-01T09:00+08:00, not ${showValue(value)}`,
    )
  })

const noticeSchema = section({
  text: words(sentenceLengthMax),
  level: oneOf(noticeLevels).prefault('info'),
  from: moment().optional(),
  to: moment().optional(),
})
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['to'],
    message: 'must be after from',
  })
  .transform(({ text, level, from, to }) => ({ text, level, fromMs: from ?? null, untilMs: to ?? null }))

export const brandSchema = section({
  name: words(nameLengthMax).optional(),
  logo: filePath().optional(),
  color: color().optional(),
  links: z
    .array(section({ text: words(linkTextMax), url: linkOrMail() }))
    .max(linksMax, `must have at most ${linksMax} links`)
    .prefault([]),
  footer: words(sentenceLengthMax).optional(),
  notice: noticeSchema.optional(),
  buy_url: link().optional(),
  buy_text: words(sentenceLengthMax).optional(),
}).transform((brand): FileBrand => ({
  name: brand.name ?? null,
  logo: brand.logo ?? null,
  color: brand.color ?? null,
  links: brand.links,
  footer: brand.footer ?? null,
  notice: brand.notice ?? null,
  buyUrl: brand.buy_url ?? null,
  buyText: brand.buy_text ?? null,
}))
