// What the sites that we order from sell: asked of them, and kept in files, so that a start needs none of them.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Config } from '../../config/config.ts'
import type { UpstreamConfig } from '../../config/upstreams.ts'
import { makeFolder } from '../../disk/folder.ts'
import { syncToDisk } from '../../disk/sync.ts'
import type { Mode } from '../adapter.ts'
import { parseJson } from '../answers/json.ts'
import { answerIn } from '../answers/answer.ts'
import { createCalls } from '../calls.ts'
import { createOperation } from './request.ts'
import { siteModelsIn } from './models.ts'
import type { SiteModels } from './models.ts'

const folder = 'catalogues'

const fileOf = (dataDir: string, upstream: string): string => join(dataDir, folder, `${upstream}.json`)

/**
 * The modes of a route to a site, as it was last asked; or why there are none, in words for the operator.
 */
export function siteModes(
  place: { readonly dataDir: string; readonly upstream: string },
  operation: string,
  params: Readonly<Record<string, string>>,
): readonly Mode[] | string {
  const { dataDir, upstream } = place
  const { model_id: id, ...others } = params
  if (operation !== createOperation || id === undefined || Object.keys(others).length > 0) {
    return `a route to a site of the tasks API is { operation: ${createOperation}, params: { model_id: … } }`
  }
  const models = readCopy(dataDir, upstream)
  if (models === null) {
    return `what the upstream ${upstream} sells is not known: it was never asked with success. Look at its base_url and key, and start again`
  }
  const modes = Object.hasOwn(models, id) ? models[id] : undefined
  return modes ?? `the upstream ${upstream} sells no ${id}; it sells ${Object.keys(models).join(', ')}`
}

function readCopy(dataDir: string, upstream: string): SiteModels | null {
  const file = fileOf(dataDir, upstream)
  return existsSync(file) ? siteModelsIn(parseJson(readFileSync(file, 'utf8'))) : null
}

/** A site that does not answer within this is known by what it said before. */
const askTimeoutMs = 10_000

/**
 * Asks the configured sites of the tasks API what they sell, and keeps each answer that is a catalogue. Never
 * throws because of a site: one line for the operator for each that did not say.
 */
export async function refreshSites({
  upstreams,
  dataDir,
}: Pick<Config, 'upstreams' | 'dataDir'>): Promise<string[]> {
  const sites = Object.entries(upstreams).filter(([, { adapter }]) => adapter === 'openapi')
  const problems = await Promise.all(
    sites.map(async ([upstream, settings]) => {
      const problem = await refresh(fileOf(dataDir, upstream), settings)
      return problem === null
        ? []
        : [`upstreams.${upstream}: ${settings.baseUrl}/models gave no catalogue (${problem})`]
    }),
  )
  return problems.flat()
}

async function refresh(file: string, { baseUrl, keys: [key = ''] }: UpstreamConfig): Promise<string | null> {
  const calls = createCalls({ baseUrl, submitTimeoutMs: askTimeoutMs, queryTimeoutMs: askTimeoutMs })
  try {
    const result = await calls.query('models', { key, signal: new AbortController().signal })
    const text = result.kind === 'answer' ? result.body : ''
    if (siteModelsIn(parseJson(text)) === null) {
      return answerIn(result, [key])?.shape() ?? ('detail' in result ? result.detail : result.kind)
    }
    keep(file, text)
    return null
  } finally {
    await calls.close()
  }
}

/** Whole or not at all: a start may read it after a crash. */
function keep(file: string, text: string): void {
  makeFolder(dirname(file))
  const next = `${file}.new`
  writeFileSync(next, text)
  syncToDisk(next)
  renameSync(next, file)
}
