// Which requests show a test key: read as authentication reads it, so that both mean the same key.
import type { IncomingHttpHeaders } from 'node:http'
import { beginsAsTest, namesTestKey } from '../../accounts/secret.ts'

const scheme = 'bearer '

/** Null: none, or a key of another kind. */
export function shownTestKey({ authorization }: IncomingHttpHeaders): string | null {
  if (authorization === undefined || authorization.slice(0, scheme.length).toLowerCase() !== scheme)
    return null
  const key = authorization.slice(scheme.length).trim()
  return beginsAsTest(key) ? key : null
}

/** Also where the header is written so that it opens nothing, for a real key as for a test key. */
export const bringsTestKey = ({ authorization }: IncomingHttpHeaders): boolean =>
  authorization !== undefined && namesTestKey(authorization)
