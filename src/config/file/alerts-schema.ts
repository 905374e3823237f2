// The schema of the alerts section: rules with their defaults, and receivers by name.
import { z } from 'zod'
import { neededBy, optionalFor, receiverSecrets, receiverTypes } from '../alerts.ts'
import type { FileReceiver } from '../alerts.ts'
import {
  duration,
  filePath,
  name,
  oneOf,
  receiverUrl,
  secretText,
  section,
  size,
  variableName,
  wholeNumber,
} from '../fields.ts'
import { switched } from './surfaces-schema.ts'

/** More than anybody reads. */
const perHourMax = 1_000
const endedMax = 1_000_000
const lastHour = 23

const to = z.array(name()).min(1, 'must name at least one receiver').optional()

/** A rule with these settings; `false` switches it off. */
const rule = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => switched(section({ ...shape, to }))

const rulesSchema = section({
  key_refused: rule({}),
  keys_resting: rule({ after: duration().prefault('5m') }),
  failure_rate: rule({
    above_percent: wholeNumber(1, 99).prefault(50),
    ended_at_least: wholeNumber(1, endedMax).prefault(20),
    within: duration().prefault('15m'),
  }),
  oldest_waiting: rule({ above: duration().prefault('10m') }),
  unknown_outcomes: rule({ above: wholeNumber(0, endedMax).prefault(0) }),
  ledger_drift: rule({}),
  late_success: rule({}),
  disk: rule({ below: size().prefault('2GB') }),
  backup_too_old: rule({ after: duration().prefault('3d'), path: filePath().optional() }),
  customer_at_zero: rule({}),
  day_report: rule({ at: wholeNumber(0, lastHour).prefault(8) }),
})

const receiverSchema = section({
  type: oneOf(receiverTypes),
  url: receiverUrl().optional(),
  url_env: variableName().optional(),
  url_file: filePath().optional(),
  secret: secretText().optional(),
  secret_env: variableName().optional(),
  secret_file: filePath().optional(),
  token: secretText().optional(),
  token_env: variableName().optional(),
  token_file: filePath().optional(),
  device_key: secretText().optional(),
  device_key_env: variableName().optional(),
  device_key_file: filePath().optional(),
  chat_id: z
    .union([z.string(), z.int()], 'must be the number of a chat, or @ and the name of a channel')
    .transform(String)
    .refine(
      (id) => /^(?:-?\d{1,20}|@[A-Za-z0-9_]{1,64})$/.test(id),
      'must be the number of a chat, or @ and the name of a channel',
    )
    .optional(),
})
  .superRefine((receiver, context) => {
    const { type } = receiver
    const refuse = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message })
    if (!receiverTypes.includes(type)) return
    for (const key of receiverSecrets) {
      const given = placesOf(key).filter((place) => receiver[place] !== undefined)
      const [first, second] = given
      if (second !== undefined) refuse(second, `name one of ${placesOf(key).join(', ')}`)
      const isNeeded = neededBy[type].includes(key)
      if (isNeeded && first === undefined) refuse(key, `is missing; ${type} needs it`)
      if (first !== undefined && !isNeeded && !optionalFor[type].includes(key)) {
        refuse(
          first,
          `is not for ${type}, which takes ${[...neededBy[type], ...optionalFor[type]].join(', ')}`,
        )
      }
    }
    if (type === 'telegram' && receiver.chat_id === undefined)
      refuse('chat_id', 'is missing; telegram needs it')
    if (type !== 'telegram' && receiver.chat_id !== undefined) refuse('chat_id', 'is for telegram alone')
  })
  .transform((receiver): FileReceiver => {
    const from = (key: (typeof receiverSecrets)[number]) => ({
      text: receiver[key],
      variable: receiver[`${key}_env`],
      file: receiver[`${key}_file`],
    })
    return {
      type: receiver.type,
      chatId: receiver.chat_id ?? null,
      texts: {
        url: from('url'),
        secret: from('secret'),
        token: from('token'),
        device_key: from('device_key'),
      },
    }
  })

const placesOf = <Key extends string>(key: Key) => [key, `${key}_env`, `${key}_file`] as const

export const alertsSchema = section({
  language: oneOf(['en', 'zh']).prefault('en'),
  per_hour: wholeNumber(1, perHourMax).prefault(20),
  receivers: z.record(name(), receiverSchema).prefault({}),
  rules: rulesSchema.prefault({}),
})
  .superRefine(({ receivers, rules }, context) => {
    const names = Object.keys(receivers)
    for (const [key, settings] of Object.entries(rules)) {
      settings?.to?.forEach((each, at) => {
        if (names.includes(each)) return
        const known = names.length === 0 ? 'there is none' : `known are ${names.join(', ')}`
        context.addIssue({
          code: 'custom',
          path: ['rules', key, 'to', at],
          message: `there is no receiver of this name; ${known}`,
        })
      })
    }
  })
  .transform(({ language, per_hour: perHour, receivers, rules }) => ({
    language,
    perHour,
    receivers,
    rules: {
      key_refused: rules.key_refused && told(rules.key_refused),
      keys_resting: rules.keys_resting && { ...told(rules.keys_resting), afterMs: rules.keys_resting.after },
      failure_rate: rules.failure_rate && {
        ...told(rules.failure_rate),
        abovePercent: rules.failure_rate.above_percent,
        endedMin: rules.failure_rate.ended_at_least,
        withinMs: rules.failure_rate.within,
      },
      oldest_waiting: rules.oldest_waiting && {
        ...told(rules.oldest_waiting),
        aboveMs: rules.oldest_waiting.above,
      },
      unknown_outcomes: rules.unknown_outcomes && {
        ...told(rules.unknown_outcomes),
        above: rules.unknown_outcomes.above,
      },
      ledger_drift: rules.ledger_drift && told(rules.ledger_drift),
      late_success: rules.late_success && told(rules.late_success),
      disk: rules.disk && { ...told(rules.disk), belowBytes: rules.disk.below },
      backup_too_old: rules.backup_too_old && {
        ...told(rules.backup_too_old),
        afterMs: rules.backup_too_old.after,
        path: rules.backup_too_old.path ?? null,
      },
      customer_at_zero: rules.customer_at_zero && told(rules.customer_at_zero),
      day_report: rules.day_report && { ...told(rules.day_report), atHour: rules.day_report.at },
    },
  }))

const told = ({ to: names }: { readonly to?: readonly string[] | undefined }) => ({ to: names ?? null })
