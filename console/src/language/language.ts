// The language of the page: the reader's choice, else the browser's, in two dictionaries of one form.
import { computed, effect, signal } from '@preact/signals'
import { speak } from '../api/client.ts'
import { en } from './en.ts'
import { zh } from './zh.ts'

export type Language = 'en' | 'zh'

const kept = localStorage.getItem('language')
const ofBrowser: Language = navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'
export const language = signal<Language>(kept === 'en' || kept === 'zh' ? kept : ofBrowser)
/** The words of the page. */
export const words = computed(() => (language.value === 'zh' ? zh : en))

export function choose(to: Language): void {
  language.value = to
  localStorage.setItem('language', to)
}

effect(() => {
  speak(language.value)
  document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en'
})
