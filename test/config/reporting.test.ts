// Costs of routes and the reporting section: exact decimals, and every wrong value refused at its place.
import { expect, test } from 'vitest'

import { loadConfig } from '../../src/config/config.ts'
import { shownConfig } from '../../src/config/shown.ts'
import { directoryWith, problemsOf } from './workspace.ts'

const yamlOf = (cost: string, reporting: string) =>
  `models:
  a:
    name: A
    price: { credits: 1 }
    routes:
      - upstream: keevx
        operation: image_generate
        params: { module: pro }
        cost: ${cost}
reporting: ${reporting}
`

const folderOf = (cost: string, reporting = '{}') =>
  directoryWith({ 'tollgate.yaml': yamlOf(cost, reporting) })
const read = (cost: string, reporting?: string) => loadConfig({ cwd: folderOf(cost, reporting), env: {} })

function complaints(cost: string, reporting?: string): string[] {
  const cwd = folderOf(cost, reporting)
  return problemsOf(cwd, () => loadConfig({ cwd, env: {} }))
}

test('a route has a cost by the same rule as a price, and reports a currency, a value and a time zone', () => {
  const config = read(
    '{ amount: 0.035, times: { resolution: { 4K: 1.5 } } }',
    '{ currency: usd, credit_value: 0.01, time_zone: Asia/Shanghai }',
  )
  expect(config.models?.['a']?.routes[0]?.cost).toEqual({
    amount: 0.035,
    times: { resolution: { '4K': 1.5 } },
  })
  expect(config.reporting).toEqual({ currency: 'USD', creditValue: 0.01, timeZone: 'Asia/Shanghai' })
  expect(shownConfig(config)).toMatchObject({
    models: { a: { routes: [{ cost: { amount: 0.035, times: { resolution: { '4K': 1.5 } } } }] } },
    reporting: { currency: 'USD', credit_value: 0.01, time_zone: 'Asia/Shanghai' },
  })
})

test('what is left out is unknown, and days are those of UTC', () => {
  const { models, reporting } = loadConfig({ cwd: directoryWith({}), env: {} })
  expect(models).toBeNull()
  expect(reporting).toEqual({ currency: null, creditValue: null, timeZone: 'UTC' })
})

test.each([
  [
    '{ amount: -1 }',
    'tollgate.yaml:9:25 models.a.routes[0].cost.amount: must be a number from 0 to 10000000, not -1',
  ],
  ['{ amount: 0.0000001 }', 'must have at most 6 decimals'],
  ['{ amount: "1" }', 'must be a number from 0 to 10000000'],
  ['{ amount: .nan }', 'must be a number'],
  [
    '{}',
    'tollgate.yaml:9:9 models.a.routes[0].cost: must hold exactly one of amount (for each output) and per_second',
  ],
  ['{ amount: 1, per_second: 1 }', 'must hold exactly one of amount'],
  ['{ credits: 1 }', 'unknown key; known here are amount, per_second, times'],
  ['{ amount: 1, times: { resolution: { 4K: -2 } } }', 'must be a number from 0'],
])('cost: %s is refused', (cost, words) => {
  expect(complaints(cost).join('\n')).toContain(words)
})

test.each([
  ['{ currency: dollars }', 'tollgate.yaml:10:24 reporting.currency: must be a currency of three letters'],
  ['{ credit_value: -0.01 }', 'must be a number from 0 to 1000000'],
  ['{ time_zone: Asia/Shangai }', 'reporting.time_zone: must be a time zone as UTC or Asia/Shanghai, not'],
  ['{ time_zone: "+08:00" }', 'must be a time zone'],
  ['{ timezone: UTC }', 'unknown key; did you mean time_zone?'],
])('reporting: %s is refused', (reporting, words) => {
  expect(complaints('{ amount: 1 }', reporting).join('\n')).toContain(words)
})
