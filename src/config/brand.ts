// Whose gateway it is, as customers see it: name, logo, colour, links, a notice, where credits are bought.
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { errorCode } from './file/parse.ts'
import { imageTypeOf } from './image-type.ts'
import type { ImageType } from './image-type.ts'

/** One text in both languages; a text that the file has once stands in both. */
export interface Words {
  readonly en: string
  readonly zh: string
}

export type NoticeLevel = (typeof noticeLevels)[number]
export const noticeLevels = ['info', 'warning', 'critical'] as const

export interface Notice {
  readonly text: Words
  readonly level: NoticeLevel
  /** Null: from now on. */
  readonly fromMs: number | null
  /** Null: until it is taken out of the file. */
  readonly untilMs: number | null
}

export interface Logo {
  /** As the file names it. */
  readonly path: string
  readonly type: ImageType
  readonly base64: string
  /** Of its bytes, as an address names it. */
  readonly digest: string
}

export interface Brand {
  /** Null: none is given. */
  readonly name: Words | null
  readonly logo: Logo | null
  /** `#rrggbb` in small letters. */
  readonly color: string | null
  readonly links: readonly { readonly text: Words; readonly url: string }[]
  readonly footer: Words | null
  readonly notice: Notice | null
  readonly buyUrl: string | null
  readonly buyText: Words | null
}

/** The brand as the file has it: the logo is the path of a file. */
export type FileBrand = Omit<Brand, 'logo'> & { readonly logo: string | null }

/** It is sent whole with the first page that a customer opens. */
const logoBytesMax = 512 * 1024

export const brandless: Brand = {
  name: null,
  logo: null,
  color: null,
  links: [],
  footer: null,
  notice: null,
  buyUrl: null,
  buyText: null,
}

/** Reads the logo, from beside the configuration file. Adds to `problems`. */
export function brandWithLogo(
  brand: FileBrand,
  { cwd, problems }: { readonly cwd: string; readonly problems: string[] },
): Brand {
  if (brand.logo === null) return { ...brand, logo: null }
  const read = readLogo(brand.logo, cwd)
  if (typeof read !== 'string') return { ...brand, logo: read }
  problems.push(`brand.logo: ${read}`)
  return { ...brand, logo: null }
}

/** The words are the problem. */
function readLogo(path: string, cwd: string): Logo | string {
  const place = resolve(cwd, path)
  try {
    const { size } = statSync(place)
    if (size > logoBytesMax) {
      return `${path} has ${size} bytes; a logo may have ${logoBytesMax} at most. Make it smaller`
    }
    const bytes = readFileSync(place)
    const type = imageTypeOf(bytes)
    if (type === null) return `${path} is no PNG, JPEG, WebP or SVG, whatever its name says`
    const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
    return { path, type, base64: bytes.toString('base64'), digest }
  } catch (error) {
    return `${path} cannot be read: ${errorCode(error)}`
  }
}

/** The name that customers read where none is given. */
const productName: Words = { en: 'tollgate', zh: 'tollgate' }

export const nameOf = ({ name }: Pick<Brand, 'name'>): Words => name ?? productName

/** The notice, while it is valid. */
export function noticeAt({ notice }: Pick<Brand, 'notice'>, nowMs: number): Notice | null {
  if (notice === null) return null
  const { fromMs, untilMs } = notice
  return nowMs >= (fromMs ?? -Infinity) && nowMs < (untilMs ?? Infinity) ? notice : null
}

/** Of the Agent Skills specification; other programs take no longer names either. */
const slugLengthMax = 64

/** The name as programs take names: small letters, digits and hyphens. */
export function slugOf(brand: Pick<Brand, 'name'>): string {
  const { en, zh } = nameOf(brand)
  return asSlug(en) || asSlug(zh) || 'image-video-api'
}

const asSlug = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .split(/[^a-z0-9]/)
    .filter((part) => part !== '')
    .join('-')
    .slice(0, slugLengthMax)
    .replace(/-$/, '')
