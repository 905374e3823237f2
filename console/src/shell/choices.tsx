// The reader's choices: language and colours.
import { choose, language, words } from '../language/language.ts'
import { chooseScheme, scheme } from '../look/theme.ts'
import type { Scheme } from '../look/theme.ts'
import { Button, IconButton } from '../parts/button.tsx'

const schemes = {
  system: { icon: 'systemScheme', next: 'light' },
  light: { icon: 'light', next: 'dark' },
  dark: { icon: 'dark', next: 'system' },
} as const satisfies Record<Scheme, unknown>

export function Choices() {
  const { icon, next } = schemes[scheme.value]
  const text = words.value.choices
  return (
    <div class="flex items-center gap-1">
      <IconButton icon={icon} text={text.colours[scheme.value]} onClick={() => chooseScheme(next)} />
      <Button
        kind="quiet"
        lang={language.value === 'zh' ? 'en' : 'zh-CN'}
        onClick={() => choose(language.value === 'zh' ? 'en' : 'zh')}
      >
        {text.other}
      </Button>
    </div>
  )
}
