// What a configuration lacks, for the operator: no question to the store, to an upstream or to anybody else.
import { statfsSync } from 'node:fs'
import type { Catalog } from '../catalog/catalog.ts'
import type { Config } from '../config/config.ts'
import { storeAt } from '../db/store-at.ts'
import { lossWords } from './loss-words.ts'
import { sharingProblems } from './sharing.ts'
import { upstreamInSight } from './upstream-in-sight.ts'

export interface Finding {
  readonly check: string
  readonly state: 'ok' | 'warning' | 'wrong'
  readonly words: string
}

/** Below this many bytes a disk is too full. */
const freeBytesMin = 1024 ** 3

export function setupFindings(config: Config, catalog: Catalog): Finding[] {
  const warnings = (check: string, found: readonly string[]) =>
    found.map((words): Finding => ({ check, state: 'warning', words }))
  return [
    operatorToken(config),
    publicUrl(config),
    ...sharingProblems(config).map((words): Finding => ({
      check: 'several gateways',
      state: 'wrong',
      words,
    })),
    ...warnings('prices', lossWords(config, catalog)),
    ...warnings('brand', upstreamInSight(config, catalog)),
    ...diskSpace(config),
    alertReceivers(config),
  ]
}

function operatorToken({ adminToken, operators }: Config): Finding {
  const check = 'operator API'
  if (adminToken !== null || Object.keys(operators).length > 0) return { check, state: 'ok', words: 'on' }
  return { check, state: 'warning', words: 'off; set ADMIN_TOKEN (32 characters or more) to open it' }
}

function publicUrl(config: Config): Finding {
  const check = 'PUBLIC_URL'
  if (config.publicUrl !== null) return { check, state: 'ok', words: config.publicUrl }
  return {
    check,
    state: 'warning',
    words:
      'not set: Keevx cannot call back, so tasks are only polled; results are not kept, but passed on with URLs of the upstream; and the documentation shows each reader the address by which he came',
  }
}

function diskSpace({ databaseUrl }: Config): Finding[] {
  const folder = storeAt(databaseUrl).diskFolder()
  if (folder === null) return []
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  const words = `${Math.floor(free / 1024 ** 2)} MiB free in ${folder}`
  return [{ check: 'disk', state: free < freeBytesMin ? 'warning' : 'ok', words }]
}

function alertReceivers({ alerts }: Config): Finding {
  const check = 'alerts'
  if (alerts.receivers.length === 0) {
    return { check, state: 'warning', words: 'nobody is told when something is wrong; see alerts.receivers' }
  }
  const silent = alerts.receivers.filter(({ missing }) => missing !== null)
  if (silent.length > 0) {
    const names = silent.map(({ name, missing }) => `${name} (${missing})`).join(', ')
    return { check, state: 'wrong', words: `cannot be told, because their secret is not there: ${names}` }
  }
  const words = `${alerts.receivers.length} receivers; tollgate alerts test tries them`
  return { check, state: 'ok', words }
}
