// Adds to package-lock.json the packages of other platforms that npm leaves out when its registry does not carry them; `npm ci` would refuse the lock without.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { missingPlatforms } from '../test/tidy/lock.ts'
import type { Lock } from '../test/tidy/lock.ts'

const file = fileURLToPath(new URL('../package-lock.json', import.meta.url))
const lock = JSON.parse(readFileSync(file, 'utf8')) as Lock
const missing = missingPlatforms(lock)
const packages = { ...lock.packages }
for (const { name, version, dev } of missing) {
  packages[`node_modules/${name}`] = { version, ...platformOf(name), ...(dev && { dev }), optional: true }
}
const sorted = Object.fromEntries(
  Object.entries(packages).toSorted(([one], [other]) => one.localeCompare(other, 'en')),
)
writeFileSync(file, `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`)
process.stdout.write(`${missing.length} added to package-lock.json\n`)

/** npm looks at these before it fetches anything: a package of another platform is passed over. */
function platformOf(name: string): Record<string, string[]> {
  const system = /android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|aix|win32/.exec(name)?.[0]
  const processor = /arm64|arm|x64|ia32|ppc64|riscv64|s390x|loong64|mips64el/.exec(name)?.[0]
  const library = /-(gnu|musl)/.exec(name)?.[1]
  return {
    ...(processor !== undefined && { cpu: [processor] }),
    ...(library !== undefined && { libc: [library === 'gnu' ? 'glibc' : 'musl'] }),
    ...(system !== undefined && { os: [system] }),
  }
}
