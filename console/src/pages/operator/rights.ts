// What the signed-in operator may do; the gateway decides, this only leaves out what it would refuse.
import { session } from '../../session.ts'

export const isOwner = (): boolean =>
  session.value?.role === 'operator' && session.value.operator.role === 'owner'

export const mayHelp = (): boolean =>
  session.value?.role === 'operator' && session.value.operator.role !== 'viewer'
