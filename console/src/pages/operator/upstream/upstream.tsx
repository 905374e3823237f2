// What work is bought from: keys, limits that find themselves, refusals, and the last errors.
import { Panel } from '../../../parts/panel.tsx'
import { words as common } from '../../../language/language.ts'
import { Heading } from '../../../shell/shell.tsx'
import { words } from '../words/words.ts'
import { HealthTable, Troubles } from './health.tsx'
import { UpstreamKeys } from './keys.tsx'

export function Upstream() {
  return (
    <>
      <Heading title={common.value.links.upstream} />
      <div class="grid gap-4">
        <Panel title={words.value.upstream.health.title} flush>
          <HealthTable />
        </Panel>
        <Troubles />
        <Panel title={words.value.upstream.keys} flush>
          <UpstreamKeys />
        </Panel>
        <p class="text-ink-2">{words.value.upstream.explained}</p>
      </div>
    </>
  )
}
