// How the console's paths speak: like the APIs that are mounted there, with words for people who are signed out.
import { GatewayError } from '../../errors.ts'
import type { ErrorType } from '../../errors.ts'
import { operatorWire } from '../admin/wire.ts'
import { clientWire } from '../v1/wire.ts'
import type { Wire } from '../wire/wire.ts'

export const signedOut = () =>
  new GatewayError('unauthorized', {
    en: 'You are not signed in, or your session has ended. Nothing was changed or ordered. Sign in again.',
    zh: '您尚未登录,或会话已结束。未作任何改动,也未创建任务。请重新登录。',
  })

const withWords = (wire: Wire): Wire => ({ ...wire, words: { ...wire.words, unauthorized: signedOut } })

/** `/console/api`. */
export const customersWire = withWords(clientWire)
/** `/console/admin`. */
export const operatorsWire = withWords(operatorWire)

/** The client API answers these with 200. */
const refused: readonly ErrorType[] = ['account_suspended', 'forbidden_address']

/** `/console/session` and what belongs to it. */
export const sessionWire: Wire = {
  ...operatorsWire,
  status: (failure, request) =>
    refused.includes(failure.type) ? 403 : operatorsWire.status(failure, request),
}
