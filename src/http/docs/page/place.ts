// What the pages for people are made of: whose they are, for whom, and in which language.
import type { Brand, Notice, Words } from '../../../config/brand.ts'
import type { Config, SurfacesConfig } from '../../../config/config.ts'
import type { Language } from '../../wire/language.ts'
import { raw } from '../html.ts'
import type { Raw } from '../html.ts'

export interface Place {
  /** The reader's URL of the gateway, without a trailing slash. */
  readonly origin: string
  /** Prefix of the page's links. */
  readonly root: string
  readonly language: Language
  readonly surfaces: SurfacesConfig
  readonly hasTestKeys: boolean
  readonly webhooks: Config['webhooks']
  readonly brand: Brand
  /** Of the brand, while it is valid. */
  readonly notice: Notice | null
}

/** Chooses between two texts that are written here, as HTML. */
export type Say = (en: string, zh: string) => Raw

export const sayIn =
  ({ language }: Pick<Place, 'language'>): Say =>
  (en, zh) =>
    raw(language === 'zh' ? zh : en)

/** The operator's own text, which is no HTML. */
export const inLanguage = ({ language }: Pick<Place, 'language'>, words: Words): string => words[language]
