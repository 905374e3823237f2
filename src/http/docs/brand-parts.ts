// The brand on the short documentation: its head and its foot.
import { nameOf } from '../../config/brand.ts'
import type { Brand, Notice } from '../../config/brand.ts'
import { logoAddress } from '../brand/logo.ts'
import { fragment, raw } from './html.ts'

interface Place {
  /** Prefix of the page's links. */
  readonly root: string
  readonly brand: Brand
  readonly notice: Notice | null
}

/** Empty where there is nothing to show. */
export function brandHead({ root, brand, notice }: Place): string {
  const { name, logo, links } = brand
  const picture =
    logo === null ? '' : fragment`<img src="${root}${logoAddress(logo).slice(1)}" alt="" height="32">`
  const title = name === null ? '' : fragment`<strong>${nameOf(brand).en}</strong>`
  const pages = links.map(({ text, url }) => fragment`<a href="${url}">${text.en}</a>`).join(' ')
  const head = [picture, title, pages].filter((part) => part !== '').join(' ')
  const said = notice && fragment`<p class="notice ${notice.level}" role="status">${notice.text.en}</p>`
  return `${head === '' ? '' : fragment`<header>${raw(head)}</header>`}${said ?? ''}`
}

export const brandFoot = ({ footer }: Brand): string =>
  footer === null ? '' : fragment`<footer>${footer.en}</footer>`
