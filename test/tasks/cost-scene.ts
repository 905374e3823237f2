// A gateway whose routes have costs, and what its report says.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { ReportingConfig } from '../../src/config/config.ts'
import { differences } from '../../src/ledger/reports/rebuild.ts'
import { reportOf } from '../../src/ledger/reports/report.ts'
import type { Group, Report } from '../../src/ledger/reports/report.ts'
import type { DomainHarness } from '../support/domain-harness.ts'
import { keevxYaml } from './callback-scene.ts'

const dollars: ReportingConfig = { currency: 'USD', creditValue: 0.01, timeZone: 'UTC' }

interface Costs {
  /** YAML; null: none is said. */
  readonly image: string | null
  readonly film?: string | null
  readonly upstreams?: string
}

const route = (params: string, cost: string | null | undefined): string =>
  `{ upstream: keevx, ${params}${cost ? `, cost: ${cost}` : ''} }`

/** `picture` for 15 credits and `film` for 40, which makes its first frame of `picture`. */
export const yamlOf = ({ image, film }: Costs): string => `${keevxYaml}
models:
  gpt-image-2: { name: Picture, price: { credits: 15 }, routes: [${route('operation: image_generate, params: { module: pro }', image)}] }
  film: { name: Film, price: { credits: 40 }, compose: first_frame, routes: [${route('operation: image_to_video, params: { model: KL }', film)}] }
`

/** The file has other costs from now on. */
export function changeCosts({ ctx, folder }: DomainHarness, costs: Costs): void {
  writeFileSync(join(folder, 'tollgate.yaml'), yamlOf(costs))
  ctx.catalog.reload('operator')
}

/** Of the first days of 2030, in which tests are; after it was compared with the rows that it adds up. */
export async function reported(
  { ctx: { db, clock } }: Pick<DomainHarness, 'ctx'>,
  group: Group = 'model',
  reporting: ReportingConfig = dollars,
): Promise<Report> {
  expect(await db.snapshot(async (read) => await differences(read, 10))).toEqual([])
  const asked = { from: '2029-12-31', to: '2030-02-28', group }
  return await reportOf(db, asked, { reporting, nowMs: clock.now() })
}
