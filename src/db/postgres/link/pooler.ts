// Finds a pooler that gives each transaction another connection, by what it does: its name and version say little.
import { Link } from './link.ts'
import type { LinkTerms } from './link.ts'

/** Nobody else is asked in between, so that one that shares few connections is not waited for long. */
const askMaxMs = 5_000

/**
 * Whether the server's end of a connection changes between transactions, or is another connection's too. Locks
 * that a session holds, its settings and its prepared statements would then be somebody else's.
 */
export async function sharesBackends(url: string, terms: LinkTerms): Promise<boolean> {
  const links: Link[] = []
  try {
    links.push(await Link.open(url, terms))
    links.push(await Link.open(url, terms))
    return await isSharedBy(links as [Link, Link])
  } finally {
    for (const link of links) link.close()
  }
}

async function isSharedBy([one, other]: readonly [Link, Link]): Promise<boolean> {
  const ofOne = [await backendOf(one)]
  const ofOther = [await backendOf(other)]
  // Where there is but one end for both, the other would wait behind a transaction for ever.
  if (ofOne[0] === ofOther[0]) return true
  // While one keeps its end, the other gets another one; afterwards both are free, and the next may get either.
  await one.run({ text: 'BEGIN', timeoutMs: askMaxMs })
  ofOne.push(await backendOf(one))
  ofOther.push(await backendOf(other))
  await one.run({ text: 'COMMIT', timeoutMs: askMaxMs })
  for (let time = 0; time < 2; time += 1) ofOther.push(await backendOf(other))
  for (let time = 0; time < 2; time += 1) ofOne.push(await backendOf(one))
  return [ofOne, ofOther].some((seen) => new Set(seen).size > 1)
}

/** Its process number alone may be that of a process on another server. */
async function backendOf(link: Link): Promise<string> {
  const text = `SELECT pid::text || ' ' || backend_start::text AS backend
    FROM pg_stat_activity WHERE pid = pg_backend_pid()`
  const { rows } = await link.run({ text, timeoutMs: askMaxMs })
  return (rows as { backend: string }[])[0]?.backend ?? ''
}
