// What a customer may do with its keys by what it has shown: a key that was found must not make others that outlive it.
import type { Config } from '../config/config.ts'
import { GatewayError } from '../errors.ts'
import type { Session } from './sessions.ts'

export type Shown = Extract<Session, { readonly role: 'customer' }>['openedBy']

/** Making and widening keys, and setting a password, which makes them later. A bearer key counts as a session that it opened. */
export const mayMakeKeys = ({ console }: Pick<Config, 'console'>, shown: Shown): boolean =>
  shown !== 'key' || console.keysMakeKeys

/** Throws unauthorized. */
export function requireMakingKeys(config: Pick<Config, 'console'>, shown: Shown): void {
  if (!mayMakeKeys(config, shown)) throw keysMakeNoKeys()
}

/** As `detail` of an unauthorized: who asks is known, and may not do this with what it has shown. */
export const shownTooLittle = 'a key does not open this'

export const keysMakeNoKeys = () =>
  new GatewayError(
    'unauthorized',
    {
      en: 'A key does not make or widen keys, and sets no password: whoever finds one could stay after it is revoked. Nothing was changed. Sign in to the console by a link from your provider, or with your password; the operator can allow it with console: { keys_make_keys: true }.',
      zh: '密钥不能用于创建密钥、放宽密钥限制或设置密码,以免泄露的密钥在吊销后仍可使用。未作任何改动。请使用服务商提供的链接或密码登录控制台;运营方也可通过 console: { keys_make_keys: true } 放开此限制。',
    },
    { detail: shownTooLittle },
  )
