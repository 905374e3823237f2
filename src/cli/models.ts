// `tollgate models …` and `tollgate config check`: what is on offer, and what is in force.
import { modeOf } from '../app.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { createLiveCatalog } from '../catalog/live.ts'
import { loadConfig } from '../config/config.ts'
import { maskedConfig } from '../config/masked.ts'
import { sqliteFile } from '../db/open.ts'
import { viewModel } from '../http/views.ts'
import { print, say } from './exit.ts'
import type { OutputOptions } from './exit.ts'
import { requireReachInStore } from './reach.ts'
import { table } from './table.ts'

export interface CheckOptions extends OutputOptions {
  /** Whether it passes although open tasks name an upstream or a key that is not configured. */
  readonly orphan?: boolean
}

export function list(options: OutputOptions): void {
  const config = loadConfig()
  printModels(options, createLiveCatalog(config, modeOf(config)).current)
}

/** A wrong file is thrown as ConfigError, with every problem and its place. */
export async function check(file: string, options: CheckOptions): Promise<void> {
  const config = loadConfig({ configFile: file })
  const { current } = createLiveCatalog(config, modeOf(config))
  if (!options.orphan) await requireReachInStore(config)
  say(`${file}: ok`)
  printModels(options, current)
}

export async function checkConfig(options: CheckOptions): Promise<void> {
  const config = loadConfig()
  createLiveCatalog(config, modeOf(config))
  // What serve would refuse is no good configuration.
  sqliteFile(config.databaseUrl)
  if (!options.orphan) await requireReachInStore(config)
  say(config.configFile === null ? 'ok (no tollgate.yaml: defaults)' : `ok (${config.configFile})`)
  const masked = maskedConfig(config)
  print(options, masked, JSON.stringify(masked, null, 2).split('\n'))
}

function printModels(options: OutputOptions, catalog: Catalog): void {
  const rows = catalog.models.map((model) => [model.id, model.name, model.taskType, model.price.text.en])
  print(options, { models: catalog.models.map(viewModel) }, table(['id', 'name', 'makes', 'price'], rows))
}
