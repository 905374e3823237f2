// Light, dark or as the system has it, and the accent of the brand.
import { effect, signal } from '@preact/signals'

export type Scheme = 'light' | 'dark' | 'system'

const kept = localStorage.getItem('scheme')
export const scheme = signal<Scheme>(kept === 'light' || kept === 'dark' ? kept : 'system')
const system = matchMedia('(prefers-color-scheme: dark)')
const systemIsDark = signal(system.matches)
system.addEventListener('change', ({ matches }) => {
  systemIsDark.value = matches
})
/** Whether the page is dark now. */
export const isDark = signal(false)

export function chooseScheme(to: Scheme): void {
  scheme.value = to
  if (to === 'system') localStorage.removeItem('scheme')
  else localStorage.setItem('scheme', to)
}

effect(() => {
  isDark.value = scheme.value === 'dark' || (scheme.value === 'system' && systemIsDark.value)
  document.documentElement.dataset['theme'] = isDark.value ? 'dark' : 'light'
})
