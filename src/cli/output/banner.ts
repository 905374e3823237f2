// The start-up message of a gateway: its URL, configuration, store and results.
import { listOf } from '../../config/wording.ts'
import type { App } from '../../app/app.ts'
import { durationText } from '../../config/quantities.ts'
import { storeAt } from '../../db/store-at.ts'
import { say } from './exit.ts'

interface Start {
  /** Where the parts of the configuration come from, as text. */
  readonly origin: string
  readonly isSandbox: boolean
  /** Models that the store has sold and the catalogue lacks, in words; null: none. */
  readonly modelsGone: string | null
}

/** Printed in one write: a reader that sees the first line can read the rest. */
export function banner(app: App, { origin, isSandbox, modelsGone }: Start): void {
  say(
    `tollgate listens on ${app.url}`,
    ...(isSandbox ? [sandboxWords] : []),
    configurationWords(app, origin),
    ...(modelsGone === null ? [] : [`Not sold any more: ${modelsGone}`]),
    storeWords(app),
    resultsWords(app),
    operatorWords(app),
  )
}

const sandboxWords =
  'SANDBOX: pictures and videos are drawn on this machine; Keevx is not asked and nothing is paid.'

function configurationWords({ ctx: { config, catalog } }: App, origin: string): string {
  const { length } = catalog.current.models
  const from = config.models === null ? 'built in, at suggested prices' : 'of that file'
  return `Configuration: ${origin}. ${length} ${length === 1 ? 'model' : 'models'}, ${from}.`
}

function storeWords({ ctx: { config }, isNewStore }: App): string {
  return `Store: ${storeAt(config.databaseUrl).name}${isNewStore ? ', made just now; there was none' : ''}.`
}

function resultsWords({ ctx: { config } }: App): string {
  const { media, publicUrl } = config
  if (media.store === 'none')
    return `Results: the upstream's own URLs are passed on (media.store is none). ${reached(publicUrl)}`
  if (publicUrl === null) {
    return "Results: the upstream's own URLs are passed on, and tasks are only polled: set PUBLIC_URL to keep results and be called back."
  }
  const place = media.store === 'disk' ? `in ${config.dataDir}` : `in the bucket ${media.s3?.bucket}`
  return `Results: kept ${place} for ${durationText(media.retentionMs)} and served from PUBLIC_URL, ${publicUrl}.`
}

const reached = (publicUrl: string | null): string =>
  publicUrl === null ? 'PUBLIC_URL is not set: tasks are only polled.' : `PUBLIC_URL is ${publicUrl}.`

function operatorWords({ url, ctx: { config } }: App): string {
  const named = Object.keys(config.operators)
  if (config.adminToken === null && named.length === 0)
    return 'The operator API is off: set ADMIN_TOKEN (32 characters or more).'
  const tokens = [
    ...(config.adminToken === null ? [] : ['ADMIN_TOKEN']),
    ...named.map((name) => `that of ${name}`),
  ]
  return `The operator API is on: ${url}/admin/v1 takes ${listOf(tokens)}.`
}
