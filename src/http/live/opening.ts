// What opened a stream, and whether it may still be used from where the stream goes.
import type { FastifyRequest } from 'fastify'
import { liveKeys } from '../../accounts/keys.ts'
import type { Context } from '../../context.ts'
import { isWithin } from '../../net/networks.ts'
import { liveSessions } from '../../sessions/sessions.ts'

/** It has to hold for as long as the stream lasts; null: the token of an operator, which holds. */
export type Opening = (({ readonly keyId: string } | { readonly sessionHash: string }) & From) | null

interface From {
  readonly ip: string
}

/** By what a request was authenticated. */
export const openingOf = ({ session, caller, ip }: FastifyRequest): Opening =>
  session ? { sessionHash: session.hash, ip } : caller ? { keyId: caller.keyId, ip } : null

/** Which of these may go on; one read for all keys, and one for all sessions. */
export async function openingsThatHold(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  openings: readonly Opening[],
): Promise<ReadonlySet<Opening>> {
  const nowMs = clock.now()
  const given = openings.flatMap((opening) => opening ?? [])
  const keyIds = given.flatMap((opening) => ('keyId' in opening ? [opening.keyId] : []))
  const hashes = given.flatMap((opening) => ('sessionHash' in opening ? [opening.sessionHash] : []))
  const networks = new Map([
    ...(await liveKeys(db.read, keyIds, nowMs)).map((key) => [key.id, key.networks] as const),
    ...(await liveSessions(db.read, hashes, nowMs)).map((each) => [each.hash, each.networks] as const),
  ])
  const holds = (opening: Opening): boolean => {
    if (opening === null) return true
    const from = networks.get('keyId' in opening ? opening.keyId : opening.sessionHash)
    return from?.every((list) => isWithin(opening.ip, list)) ?? false
  }
  return new Set(openings.filter(holds))
}
