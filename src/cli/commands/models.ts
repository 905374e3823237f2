// `tollgate models …` and `tollgate config check`: lists the catalogue and checks the configuration.
import type { Catalog } from '../../catalog/catalog.ts'
import { shownConfig } from '../../config/shown.ts'
import { viewModel } from '../../http/views.ts'
import { print, say } from '../output/exit.ts'
import { lossWords } from '../../setup/loss-words.ts'
import type { OutputOptions } from '../output/exit.ts'
import { requireReachInStore } from '../reach.ts'
import { sayWhere, settingsOfOffer, settingsOfServing } from '../settings.ts'
import { table } from '../output/table.ts'
import { sandboxed } from '../with-sandbox.ts'

export interface CheckOptions extends OutputOptions {
  /** Whether to go ahead even if open tasks name an upstream or a key that is not configured. */
  readonly orphan?: boolean
}

export function list(options: OutputOptions): void {
  printModels(options, settingsOfOffer().catalog)
}

/** Throws ConfigError for a wrong file, with every problem and its position. */
export async function check(file: string, options: CheckOptions): Promise<void> {
  const { config, catalog } = settingsOfOffer({ configFile: file })
  if (!options.orphan) await requireReachInStore(config)
  say(`${file}: ok`)
  for (const words of lossWords(config, catalog)) say(`Warning: ${words}`)
  printModels(options, catalog)
}

/** Refuses everything that serve would refuse. */
export async function checkConfig(options: CheckOptions & { sandbox?: boolean }): Promise<void> {
  const { config, origin } = await settingsOfServing(options.sandbox ? 'sandbox' : 'keevx')
  sayWhere(config, origin)
  if (!options.orphan)
    await requireReachInStore(options.sandbox ? sandboxed(config, 'http://127.0.0.1') : config)
  say(config.configFile === null ? 'ok (no tollgate.yaml: defaults)' : `ok (${config.configFile})`)
  const shown = shownConfig(config)
  print(options, shown, JSON.stringify(shown, null, 2).split('\n'))
}

function printModels(options: OutputOptions, catalog: Catalog): void {
  const rows = catalog.models.map((model) => [model.id, model.name, model.taskType, model.price.text.en])
  print(options, { models: catalog.models.map(viewModel) }, table(['id', 'name', 'makes', 'price'], rows))
}
