// The frame of a page for people: head, bar with the brand, notice, footer; in the look of the console.
import { nameOf } from '../../../config/brand.ts'
import { logoAddress } from '../../brand/logo.ts'
import { fragment, raw } from '../html.ts'
import type { Raw } from '../html.ts'
import { inLanguage, sayIn } from './place.ts'
import type { Place } from './place.ts'

interface Page {
  /** The address below the root, for the switch of the language. */
  readonly path: 'docs' | ''
  readonly title: string
  readonly description: string
  readonly classes: string
  /** What stands beside the main part; empty: nothing. */
  readonly beside: Raw
  readonly main: Raw
}

export function framed(place: Place, { path, title, description, classes, beside, main }: Page): string {
  const { root, language, brand, notice } = place
  const say = sayIn(place)
  const said =
    notice === null
      ? ''
      : fragment`<p class="notice ${notice.level}" role="status">${inLanguage(place, notice.text)}</p>`
  return fragment`<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="description" content="${description}">
<title>${title}</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="${root}docs/style.css"><script src="${root}docs/page.js"></script></head>
<body class="${classes}" data-copy="${say('Copy', '复制')}" data-copied="${say('Copied', '已复制')}">
<a class="skip" href="#main">${say('Skip to the content', '跳到页面内容')}</a>
${raw(barOf(place, path))}${raw(said)}
<div class="page ${beside.raw === '' ? '' : 'with-toc'}">${beside}<main id="main" tabindex="-1">${main}</main></div>
${raw(brand.footer === null ? '' : fragment`<footer>${inLanguage(place, brand.footer)}</footer>`)}</body></html>
`
}

function barOf(place: Place, path: Page['path']): string {
  const { root, brand, language } = place
  const say = sayIn(place)
  const picture =
    brand.logo === null ? '' : fragment`<img src="${root}${logoAddress(brand.logo).slice(1)}" alt="" height="20">`
  const links = brand.links.map(({ text, url }) => fragment`<a href="${url}">${inLanguage(place, text)}</a>`)
  const other = language === 'zh' ? 'en' : 'zh'
  return fragment`<header class="bar"><a class="name" href="${path === '' ? `${root}docs` : homeOf(root)}">${raw(picture)}<strong>${inLanguage(place, nameOf(brand))}</strong></a>
${raw(links.join(''))}${raw(path === '' ? fragment`<a href="${root}docs">${say('Docs', '文档')}</a>` : '')}
<button type="button" class="scheme" hidden data-labelsystem="${say('Colours: as the system', '颜色:跟随系统')}"
data-labellight="${say('Colours: light', '颜色:浅色')}" data-labeldark="${say('Colours: dark', '颜色:深色')}">${raw(schemes)}</button>
<a href="${root}${path}?lang=${other}" hreflang="${other}" lang="${other === 'zh' ? 'zh-CN' : 'en'}" data-language="${other}">${other === 'zh' ? '中文' : 'English'}</a>
<a class="to" href="${root}console">${say('Console', '控制台')}</a></header>`
}

/** Where the page is relative to a path of a proxy, an empty link would lead to the page itself. */
const homeOf = (root: string): string => (root === '' ? './' : root)

const icon = (drawn: string): string =>
  `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true">${drawn}</svg>`

/** The system's, light, dark. */
const schemes = [
  icon('<rect x="3" y="4" width="18" height="12" rx="2"/><path d="M8 20h8M12 16v4"/>'),
  icon(
    '<circle cx="12" cy="12" r="4"/><path d="M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6 19 19M19 5l-1.4 1.4M6.4 17.6 5 19"/>',
  ),
  icon('<path d="M20 14A8 8 0 0 1 10 4a8 8 0 1 0 10 10z"/>'),
].join('')
