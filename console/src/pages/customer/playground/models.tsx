// The models on sale as cards, of which one is chosen.
import { language, words } from '../../../language/language.ts'
import { Icon } from '../../../parts/icons.tsx'
import type { Model } from './choice.ts'

interface ModelsProps {
  readonly models: readonly Model[]
  readonly chosen: string
  readonly onChoose: (id: string) => void
}

export function Models({ models, chosen, onChoose }: ModelsProps) {
  return (
    <fieldset class="-m-1 grid max-h-[288px] gap-2 overflow-y-auto p-1">
      <legend class="sr-only">{words.value.playground.model}</legend>
      {models.map((model) => (
        <label
          key={model.id}
          class="flex cursor-pointer items-center gap-3 rounded-lg border border-line bg-panel px-3 py-2.5 hover:bg-hover has-checked:border-accent has-checked:shadow-[0_0_0_1px_var(--accent)] has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
        >
          <input
            type="radio"
            name="model"
            class="size-4 shrink-0 accent-accent"
            aria-label={model.name}
            checked={model.id === chosen}
            onChange={() => onChoose(model.id)}
          />
          <span class="min-w-0 grow">
            <span class="flex items-center gap-2">
              <span class="grow truncate font-medium">{model.name}</span>
              <span class="text-ink-3">
                <Icon name={model.task_type} />
              </span>
            </span>
            <span class="num block text-xs text-ink-2">{model.price.text[language.value]}</span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
