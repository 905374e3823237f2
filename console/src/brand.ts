// The operator's brand: its name, logo, accent, links and notice.
import { effect, signal } from '@preact/signals'
import { root, send } from './api/client.ts'
import { isDark } from './look/theme.ts'

export interface Texts {
  readonly en: string
  readonly zh: string
}

export interface Brand {
  readonly name: Texts
  readonly logo_url: string | null
  readonly color: {
    readonly accent: string
    readonly text: string
    readonly on_light: string
    readonly on_dark: string
  } | null
  readonly links: readonly { readonly text: Texts; readonly url: string }[]
  readonly footer: Texts | null
  readonly notice: { readonly text: Texts; readonly level: 'info' | 'warning' | 'critical' } | null
  readonly buy_url: string | null
  readonly buy_text: Texts | null
}

export const brand = signal<Brand | null>(null)

export async function readBrand(): Promise<void> {
  const answer = (await send('get', `${root}/api/v1/brand`)) as { readonly data: Brand }
  brand.value = answer.data
}

effect(() => {
  const colour = brand.value?.color
  const { style } = document.documentElement
  const set = (name: string, value: string | undefined) =>
    value === undefined ? style.removeProperty(name) : style.setProperty(name, value)
  set('--accent', colour?.accent)
  set('--accent-ink', colour?.text)
  set('--accent-text', isDark.value ? colour?.on_dark : colour?.on_light)
})
