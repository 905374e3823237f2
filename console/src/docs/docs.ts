// What the pages of documentation do besides being read: colours, language, tabs, copying, and the reader's key.
import './docs.css'
import { useKeys } from './keys.ts'
import { addCopying, addTabs } from './codes.ts'
import { followSections } from './sections.ts'

const page = document.documentElement

/** The choice of the console, kept where it keeps it. */
const dark = matchMedia('(prefers-color-scheme: dark)')
const schemeNow = () => {
  const kept = localStorage.getItem('scheme')
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}
const next = { system: 'light', light: 'dark', dark: 'system' } as const

function showScheme(): void {
  const scheme = schemeNow()
  page.dataset['theme'] = scheme === 'dark' || (scheme === 'system' && dark.matches) ? 'dark' : 'light'
  const button = document.querySelector<HTMLElement>('.scheme')
  if (!button) return
  button.hidden = false
  button.dataset['scheme'] = scheme
  const label = button.dataset[`label${scheme}`] ?? ''
  button.setAttribute('aria-label', label)
  button.title = label
}

function addScheme(): void {
  document.querySelector('.scheme')?.addEventListener('click', () => {
    const scheme = next[schemeNow()]
    if (scheme === 'system') localStorage.removeItem('scheme')
    else localStorage.setItem('scheme', scheme)
    showScheme()
  })
  showScheme()
}

/** The language that was chosen in the console, unless the address names one. */
function followLanguage(): void {
  const kept = localStorage.getItem('language')
  const shown = page.lang.startsWith('zh') ? 'zh' : 'en'
  const address = new URL(location.href)
  if ((kept === 'en' || kept === 'zh') && kept !== shown && !address.searchParams.has('lang')) {
    address.searchParams.set('lang', kept)
    location.replace(address)
  }
}

function addLanguage(): void {
  const link = document.querySelector<HTMLAnchorElement>('a[data-language]')
  link?.addEventListener('click', () => {
    localStorage.setItem('language', link.dataset['language'] ?? 'en')
    // To the section that is being read.
    link.hash = location.hash
  })
}

dark.addEventListener('change', showScheme)
// Another page of this gateway has changed it.
addEventListener('storage', showScheme)
// Before anything is painted: the script stands in the head.
showScheme()
followLanguage()
document.addEventListener('DOMContentLoaded', () => {
  addScheme()
  addLanguage()
  addTabs()
  addCopying()
  useKeys()
  followSections()
})
