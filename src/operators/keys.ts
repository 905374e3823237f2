// Makes, changes and revokes keys, for the operator API and the commands.
import { changeKey, createKey, requireFuture, requireKey, revokeKey, testKeysOff } from '../accounts/keys.ts'
import type { Key, KeyChange, NewKey } from '../accounts/keys.ts'
import type { Context } from '../context.ts'
import { endSessionsOfKey } from '../sessions/sessions.ts'
import { act, fieldsOf, idOf } from './act.ts'
import type { Actor, Named } from './act.ts'

interface KeyToMake extends Omit<NewKey, 'accountId' | 'nowMs'> {
  readonly account: Named
  /** What names it in messages: fields or options. */
  readonly words: { readonly test: string; readonly expiresAt: string }
}

/** Throws not_found, and invalid_request where it would be expired already or test keys are switched off. */
export async function makeKey(
  ctx: Context,
  by: Actor,
  { account, words, ...wanted }: KeyToMake,
): Promise<Key & { secret: string }> {
  requireFuture(ctx.clock.now(), wanted.expiresAt, words.expiresAt)
  if (wanted.kind === 'test' && ctx.config.testKeys === null) throw testKeysOff(words.test)
  return await act(ctx, by, {
    action: 'createKey',
    async work(tx, nowMs) {
      const key = await createKey(tx, { ...wanted, accountId: await idOf(tx, account), nowMs })
      const { id, secret: _, createdAt: __, lastUsedAt: ___, use: ____, ...after } = key
      return { result: key, changed: { target: id, after } }
    },
  })
}

interface KeyToChange {
  readonly key: Named
  readonly change: KeyChange
  /** What names the expiry in messages. */
  readonly expiryField: string
}

/** From the next request on. Throws not_found. */
export async function alterKey(
  ctx: Context,
  by: Actor,
  { key, change, expiryField }: KeyToChange,
): Promise<Key> {
  requireFuture(ctx.clock.now(), change.expiresAt ?? null, expiryField)
  return await act(ctx, by, {
    action: 'changeKey',
    async work(tx) {
      const before = await requireKey(tx, await idOf(tx, key))
      const after = await changeKey(tx, before.id, change)
      const changed = { target: before.id, before: fieldsOf(before, change), after: fieldsOf(after, change) }
      return { result: after, changed: Object.keys(change).length === 0 ? null : changed }
    },
  })
}

/** Works at once; a second time changes nothing. Throws not_found. */
export async function endKey(ctx: Context, by: Actor, key: Named): Promise<Key> {
  return await act(ctx, by, {
    action: 'revokeKey',
    async work(tx, nowMs) {
      const before = await requireKey(tx, await idOf(tx, key))
      const { id, revokedAt } = before
      const after = await revokeKey(tx, id, nowMs)
      await endSessionsOfKey(tx, id)
      const changed = { target: id, before: { revokedAt }, after: { revokedAt: after.revokedAt } }
      return { result: after, changed: revokedAt === null ? changed : null }
    },
  })
}
