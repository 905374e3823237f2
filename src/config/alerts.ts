// Alerts for the operator: which rules watch, whom they tell, and where receivers' secrets come from.
import { resolve } from 'node:path'
import { trimmed } from './environment/plain.ts'
import { readSecretFile } from './environment/secret-file.ts'
import { readReceiverUrl } from './fields.ts'
import { errorCode } from './file/parse.ts'
import { WrongValue } from './wording.ts'

export const receiverTypes = [
  'webhook',
  'slack',
  'discord',
  'feishu',
  'dingtalk',
  'wecom',
  'telegram',
  'bark',
] as const
export type ReceiverType = (typeof receiverTypes)[number]

/** The texts of a receiver that are secret: each may come from the file, a variable or a file of its own. */
export const receiverSecrets = ['url', 'secret', 'token', 'device_key'] as const
export type ReceiverSecret = (typeof receiverSecrets)[number]

/** Secret as a whole: who knows the URL of a chat's webhook may write into the chat. */
export interface AlertReceiver {
  readonly name: string
  readonly type: ReceiverType
  /** Null: the variable that names it is not set. */
  readonly url: string | null
  /** Signs what is sent: Standard Webhooks, Feishu, DingTalk. Null: there is none. */
  readonly secret: string | null
  /** Of a Telegram bot. */
  readonly token: string | null
  readonly chatId: string | null
  /** Of Bark. */
  readonly deviceKey: string | null
  /** What it needs and has not got, as `url_env`; null: it can be told. */
  readonly missing: string | null
}

/** Whom a rule tells; null: every receiver. */
interface RuleBase {
  readonly to: readonly string[] | null
}

/** Null: the rule is off. */
export interface AlertRules {
  readonly key_refused: RuleBase | null
  readonly keys_resting: (RuleBase & { readonly afterMs: number }) | null
  readonly failure_rate:
    | (RuleBase & { readonly abovePercent: number; readonly endedMin: number; readonly withinMs: number })
    | null
  readonly oldest_waiting: (RuleBase & { readonly aboveMs: number }) | null
  readonly unknown_outcomes: (RuleBase & { readonly above: number }) | null
  readonly ledger_drift: RuleBase | null
  readonly late_success: RuleBase | null
  readonly disk: (RuleBase & { readonly belowBytes: number }) | null
  readonly backup_too_old: (RuleBase & { readonly afterMs: number; readonly path: string | null }) | null
  readonly customer_at_zero: RuleBase | null
  /** Not about something that is wrong: once a day, from this hour of `reporting.time_zone` on. */
  readonly day_report: (RuleBase & { readonly atHour: number }) | null
}

export type AlertRuleName = keyof AlertRules

export interface AlertsConfig {
  readonly language: 'en' | 'zh'
  /** Messages to one receiver within an hour, at most. */
  readonly perHour: number
  readonly receivers: readonly AlertReceiver[]
  readonly rules: AlertRules
}

/** A receiver as the file has it. */
export interface FileReceiver {
  readonly type: ReceiverType
  readonly texts: Readonly<Record<ReceiverSecret, SecretSource>>
  readonly chatId: string | null
}

export interface SecretSource {
  readonly text: string | undefined
  readonly variable: string | undefined
  readonly file: string | undefined
}

/** Where nothing else is named: the public servers. */
const urlDefaults: Partial<Record<ReceiverType, string>> = {
  telegram: 'https://api.telegram.org',
  bark: 'https://api.day.app',
}

/** Without it nothing can be sent. */
export const neededBy: Readonly<Record<ReceiverType, readonly ReceiverSecret[]>> = {
  webhook: ['url', 'secret'],
  slack: ['url'],
  discord: ['url'],
  feishu: ['url'],
  dingtalk: ['url'],
  wecom: ['url'],
  telegram: ['token'],
  bark: ['device_key'],
}

/** Besides what it needs. */
export const optionalFor: Readonly<Record<ReceiverType, readonly ReceiverSecret[]>> = {
  webhook: [],
  slack: [],
  discord: [],
  feishu: ['secret'],
  dingtalk: ['secret'],
  wecom: [],
  telegram: ['url'],
  bark: ['url'],
}

interface Sources {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  readonly problems: string[]
}

/** Adds to `problems`, without repeating a secret. A variable that is not set is no problem: see `missing`. */
export function receiverWithSecrets(name: string, receiver: FileReceiver, sources: Sources): AlertReceiver {
  const { type, texts, chatId } = receiver
  const read = (key: ReceiverSecret): string | null => {
    const place = `alerts.receivers.${name}.${key}${suffixOf(texts[key])}`
    try {
      const text = textOf(texts[key], sources)
      if (text === null) return null
      return key === 'url' ? readReceiverUrl(text) : requireSecret(type, key, text)
    } catch (error) {
      const words =
        error instanceof WrongValue ? error.message : `the file cannot be read: ${errorCode(error)}`
      sources.problems.push(`${place}: ${words}`)
      return null
    }
  }
  const found = {
    url: read('url'),
    secret: read('secret'),
    token: read('token'),
    device_key: read('device_key'),
  }
  const missing = neededBy[type].find((key) => found[key] === null)
  return {
    name,
    type,
    url: found.url ?? urlDefaults[type] ?? null,
    secret: found.secret,
    token: found.token,
    chatId,
    deviceKey: found.device_key,
    missing: missing === undefined ? null : `${missing}${suffixOf(texts[missing])}`,
  }
}

const suffixOf = ({ text, variable }: SecretSource): string =>
  text !== undefined ? '' : variable === undefined ? '_file' : '_env'

function textOf({ text, variable, file }: SecretSource, { env, cwd }: Sources): string | null {
  if (text !== undefined) return text
  if (variable !== undefined) return trimmed(env[variable] ?? '') || null
  if (file === undefined) return null
  const contents = trimmed(readSecretFile(resolve(cwd, file)))
  if (contents === '') throw new WrongValue(`the file ${file} is empty`)
  return contents
}

/** Of the Standard Webhooks scheme. */
const webhookSecret = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/

function requireSecret(type: ReceiverType, key: ReceiverSecret, text: string): string {
  if (type === 'webhook' && !webhookSecret.test(text)) {
    throw new WrongValue('must be whsec_ and 24 to 64 random bytes in base64 (openssl rand -base64 32)')
  }
  if (/^[\x21-\x7e]+$/.test(text)) return text
  throw new WrongValue(`must be text without spaces; it is the ${key} of ${type}`)
}
