// The limits of keys and accounts in requests of the operator API.
import { z } from 'zod'
import type { KeyLimits } from '../../../accounts/limits.ts'
import type { Catalog } from '../../../catalog/catalog.ts'
import { isAddressRange } from '../../../config/fields.ts'
import { creditsMax } from '../../../ledger/grant.ts'
import { modelIdsOf } from '../../../operators/models.ts'
import { says } from '../../wire/issue-words.ts'

const rateMax = 1_000_000
/** Each is compared with every request of the key. */
const cidrsMax = 100
const modelsMax = 1_000

/** For the document: every address and network of IPv4, and the plainest forms of IPv6. All others are read as well. */
const byte = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
const group = '[0-9A-Fa-f]{1,4}'
const documentedNetwork =
  `^(${byte}([.]${byte}){3}(/(3[0-2]|[12]?[0-9]))?` +
  `|((${group}:){7}${group}|(${group}:){1,6}:)(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?)$`

const credits = z
  .int()
  .min(0)
  .max(creditsMax)
  .nullable()
  .optional()
  .meta({ examples: [500] })
const rate = z.int().min(1).max(rateMax).nullable().optional()
const modelIds = z.array(z.string().min(1).max(200)).min(1).max(modelsMax).nullable().optional()
const networks = z
  .array(
    z
      .string()
      .refine(
        isAddressRange,
        says(
          'must be an IP address or a range such as 10.0.0.0/8 or 2001:db8::/32',
          '必须是 IP 地址或网段,如 10.0.0.0/8 或 2001:db8::/32',
        ),
      )
      .meta({ override: { pattern: documentedNetwork } }),
  )
  .min(1)
  .max(cidrsMax)
  .nullable()
  .optional()

const orderLimits = {
  credits_total: credits.meta({
    description: 'Credits that it may spend in all; what comes back from failed tasks counts no more.',
  }),
  credits_per_day: credits.meta({
    description:
      'The same for each day. What a failed task gives back is given back to the day on which it was ordered.',
  }),
  models: modelIds.meta({
    description: 'The models that it may order; no other exists for it.',
    examples: [['gpt-image-2']],
  }),
  cidrs: networks.meta({
    description: 'Where its requests may come from: addresses and networks, of IPv4 and IPv6.',
    examples: [['203.0.113.0/24', '2001:db8::/32']],
  }),
}

export const keyLimits = z
  .strictObject({ ...orderLimits, tasks_in_flight: rate, requests_per_minute: rate })
  .optional()
  .meta({ description: 'What is left out stays as it is; null lifts a limit.' })

export const rateOrOff = z
  .custom<number | 'off'>(
    (value) =>
      value === 'off' || (Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= rateMax),
    says(
      `must be a whole number from 1 to ${rateMax}, "off", or null`,
      `必须是 1 到 ${rateMax} 的整数、"off" 或 null`,
    ),
  )
  .meta({ override: { anyOf: [{ type: 'integer', minimum: 1, maximum: rateMax }, { const: 'off' }] } })
  .nullable()
  .optional()

export const accountLimits = z
  .strictObject({ ...orderLimits, tasks_in_flight: rateOrOff, requests_per_minute: rateOrOff })
  .optional()
  .meta({
    description:
      'What is left out stays as it is; null lifts a limit. Of `requests_per_minute` and `tasks_in_flight` null follows the configuration, and `off` lifts it.',
  })

type Given = z.output<typeof keyLimits> | z.output<typeof accountLimits>

/** Only what is given. Throws invalid_request for a model that is not there. */
export function limitsFrom(given: Given, catalog: Catalog): Partial<KeyLimits> {
  const stored = {
    requestsPerMinuteMax: zeroForOff(given?.requests_per_minute),
    tasksInFlightMax: zeroForOff(given?.tasks_in_flight),
    creditsTotalMax: given?.credits_total,
    creditsPerDayMax: given?.credits_per_day,
    models: given?.models && modelIdsOf(catalog, given.models, 'limits.models'),
    cidrs: given?.cidrs,
  }
  return Object.fromEntries(Object.entries(stored).filter(([, value]) => value !== undefined))
}

const zeroForOff = (value: number | 'off' | null | undefined) => (value === 'off' ? 0 : value)
