// The laws of who may import whom.
import { posix } from 'node:path'

import { type Law, type SourceFile, withoutComments } from './tree.ts'

/** From the ground up. A room imports from lower ranks alone, never from its own. */
const ranks: readonly (readonly string[])[] = [
  [
    'characters',
    'errors',
    'expiry',
    'ids',
    'clock',
    'log',
    'metrics',
    'shares',
    'version',
    'compile-function',
    'own-files',
    'disk',
  ],
  ['config', 'reasons'],
  ['db', 'upstream', 'net'],
  ['catalog', 'time'],
  ['context'],
  ['instances'],
  ['accounts', 'ledger', 'media', 'webhooks'],
  ['credits', 'sessions'],
  ['tasks'],
  ['privacy'],
  ['alerts', 'find', 'operators'],
  ['setup'],
  ['http', 'worker', 'sandbox'],
  ['app'],
  ['cli'],
  ['main'],
]

/** The sandbox plays the upstream: it may know nothing of how the gateway is made. */
const fewerImports: Readonly<Record<string, readonly string[]>> = {
  sandbox: ['errors', 'ids', 'clock', 'log'],
}

/** Libraries that only their rooms, or single files, may touch. */
const doors: readonly { readonly library: RegExp; readonly rooms: readonly string[] }[] = [
  // Out of the house: to the configured upstream, and through the guard to whatever others name.
  {
    library: /^undici(?:\/|$)/,
    rooms: ['src/upstream/client.ts', 'src/upstream/watched-call.ts', 'net', 'sandbox'],
  },
  { library: /^(?:node:)?(?:https|http2|dns|dgram)(?:\/|$)/, rooms: ['net'] },
  { library: /^(?:node:)?tls$/, rooms: ['net', 'src/upstream/single-use.ts'] },
  // To be listened with: what may be taken from them there is the linter's.
  { library: /^(?:node:)?http$/, rooms: ['http', 'sandbox', 'src/upstream/single-use.ts'] },
  {
    library: /^(?:node:)?net$/,
    rooms: [
      'net',
      'sandbox',
      'src/http/wire/client-error.ts',
      'src/http/connections/connection.ts',
      'src/http/connections/connections.ts',
      'src/http/connections/listen.ts',
      'src/http/connections/parser.ts',
      'src/http/connections/detach.ts',
      'src/http/frame.ts',
      'src/http/wire/headers/security-headers.ts',
      'src/upstream/single-use.ts',
    ],
  },
  // Another program would be another way out; the sandbox, which is ours, is one behind test keys.
  { library: /^(?:node:)?child_process$/, rooms: ['src/cli/test-upstream.ts'] },
  { library: /^(?:node:)?(?:cluster|inspector)(?:\/|$)/, rooms: [] },
  // Code out of text: for the names of our own tables and schemas.
  { library: /^(?:node:)?vm$/, rooms: ['src/compile-function.ts'] },
  { library: /^(?:better-sqlite3|pg|drizzle-orm\/.+)$/, rooms: ['db'] },
  {
    library: /^(?:@fastify\/.+|@scalar\/.+|zod-openapi|rate-limiter-flexible)$/,
    rooms: ['http'],
  },
  { library: /^fastify$/, rooms: ['http', 'app'] },
  { library: /^(?:commander|@clack\/.+)$/, rooms: ['cli', 'main'] },
  { library: /^pino$/, rooms: ['log'] },
  { library: /^@prometheus-io\/client$/, rooms: ['metrics'] },
  { library: /^yaml$/, rooms: ['config'] },
]

/** The one file outside src that src may read. */
const outsideAllowed = 'package.json'

export const importsGoDown: Law = (files) =>
  internalImports(files).flatMap(({ from, to, path, target }) => {
    const [above, below] = [rankOf(from), rankOf(to)]
    if (above === -1) return [`${path}: the room ${from} has no rank yet`]
    if (from === to || target === outsideAllowed) return []
    if (below === -1) return [`${path}: imports ${target}, which has no rank`]
    const few = fewerImports[from]
    if (few && !few.includes(to))
      return [`${path}: ${from} may import ${few.join(', ')} alone, not ${target}`]
    return below < above ? [] : [`${path}: imports go down only, and ${target} is not below ${from}`]
  })

/** Of files, types included: whoever reads one of a circle has to read them all. */
export const noCircles: Law = (files) => {
  const imports = new Map<string, string[]>()
  for (const { path, text } of sourceFiles(files)) {
    const targets = specifiersOf(text).filter((specifier) => specifier.startsWith('.'))
    imports.set(
      path,
      targets.map((target) => targetOf(path, target)),
    )
  }
  const reaches = (from: string, to: string): boolean => {
    const seen = new Set<string>()
    const open = [...(imports.get(from) ?? [])]
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      if (path === to) return true
      if (seen.has(path)) continue
      seen.add(path)
      open.push(...(imports.get(path) ?? []))
    }
    return false
  }
  return [...imports.keys()]
    .filter((path) => reaches(path, path))
    .map((path) => `${path}: imports itself through others`)
}

export const storesStayInside: Law = (files) =>
  internalImports(files)
    .filter(({ from, to, target }) => from !== to && /(?:^|\/)store\.ts$/.test(target))
    .map(({ path, target }) => `${path}: ${target} belongs to its room alone`)

/** Words of single dialects: files, error codes, what only one of them understands. */
const dialectWords =
  /\bdb\/(?:sqlite|postgres)\/|SQLITE_|\bsqlite_|\bPRAGMA\b|\bjson_(?:each|extract)\b|\bpg_|\bSqliteError\b/

export const dialectsStayInside: Law = (files) =>
  sourceFiles(files)
    .filter(({ path, text }) => roomOf(path) !== 'db' && dialectWords.test(withoutComments(text)))
    .map(({ path }) => `${path}: only src/db knows which dialects there are`)

/** Tests of the embedded store: of its file, its log, its lock, or of files that older versions wrote. */
export const embeddedTests: readonly string[] = [
  'test/cli/copies.test.ts',
  'test/cli/doctor.test.ts',
  'test/cli/restore.test.ts',
  'test/faults/bits.test.ts',
  'test/faults/programs/normal.ts',
  'test/faults/upgrade.test.ts',
  'test/http/test-keys/revival.test.ts',
  'test/ledger/auditor.long.test.ts',
  'test/ledger/bounds.test.ts',
  'test/ledger/slices.test.ts',
  'test/simulation/life.ts',
  'test/simulation/outside.ts',
  'test/time/gateway.test.ts',
  'test/webhooks/upgrade.test.ts',
]

/** Where a dialect is at home; what is put on trial or taken away there is text. */
const dialectsAtHome =
  /^test\/(?:db\/|bench\/|faults\/postgres\/|support\/stores\/|support\/test-store\.ts|support\/in-memory\.ts|tidy[./]|imports\.test\.ts|mutations\/)/

/** Libraries of single dialects, and modules of tests that know one. */
const dialectModules =
  /^(?:better-sqlite3|pg)(?:\/|$)|^drizzle-orm\/|^test\/db\/|^test\/support\/stores\/(?!dialect\.ts$)/

export const testsKnowNoDialect: Law = (files) =>
  files
    .filter(({ path }) => /^test\/.*\.ts$/.test(path))
    .filter(({ path }) => !dialectsAtHome.test(path) && !embeddedTests.includes(path))
    .flatMap(({ path, text }) => {
      const targets = specifiersOf(text).map((target) => targetOf(path, target))
      const named = targets.find((target) => dialectModules.test(target)) ?? ''
      if (named === '' && !dialectWords.test(withoutComments(text))) return []
      return [
        `${path}: names a dialect ${named && `(${named}) `}instead of asking test/support/test-store.ts`,
      ]
    })

export const librariesHaveRooms: Law = (files) =>
  sourceFiles(files).flatMap(({ path, text }) =>
    specifiersOf(text).flatMap((specifier) => {
      const door = doors.find(({ library }) => library.test(specifier))
      if (!door || door.rooms.includes(roomOf(path)) || door.rooms.includes(path)) return []
      return [`${path}: ${specifier} is imported in ${door.rooms.join(' and ') || 'nothing'} alone`]
    }),
  )

/** The linter reads what is taken from these, but not where they are imported lazily. */
const unreadable =
  /\bimport\(\s*[^\s'"]|\bimport\(\s*['"](?:node:)?(?:http|net)['"]|\brequire\(|\bcreateRequire\b|\bgetBuiltinModule\b/

/** Files that load a library by another way, whose name does stand there. */
const loadDrizzle = ['src/db/drizzle.ts', 'src/db/postgres/drizzle.ts']

function withoutDrizzle(path: string, text: string): string {
  if (!loadDrizzle.includes(path)) return text
  return text
    .replace(/^import \{ createRequire \} from 'node:module'$/m, '')
    .replace(/^const load = createRequire\(import\.meta\.url\)$/m, '')
    .replaceAll(/\bload\(\s*'drizzle-orm(?:\/[a-z0-9-]+)?',?\s*\)/g, '')
    .replaceAll(/\bload\b/g, 'require(')
}

export const importsCanBeRead: Law = (files) =>
  sourceFiles(files)
    .filter(({ path, text }) => unreadable.test(withoutDrizzle(path, withoutComments(text))))
    .map(({ path }) => `${path}: imports something whose name does not stand there`)

export const noBarrels: Law = (files) =>
  sourceFiles(files)
    .filter(({ path, text }) => /(?:^|\/)index\.ts$/.test(path) || holdsOnlyReexports(text))
    .map(({ path }) => `${path}: hands on what others own; import the file that owns it`)

/** Every module that a text names in an import or an export, types and lazy imports among them. */
export function specifiersOf(text: string): string[] {
  const code = withoutComments(text)
  const statements = code.matchAll(/^\s*(?:import|export)\b(?:[^'"`=;]*?\bfrom)?\s*['"]([^'"\n]+)['"]/gm)
  const calls = code.matchAll(/\bimport\(\s*['"]([^'"\n]+)['"]/g)
  return [...statements, ...calls].map(([, specifier = '']) => specifier)
}

export function internalImports(files: readonly SourceFile[]) {
  return sourceFiles(files).flatMap(({ path, text }) =>
    specifiersOf(text)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => {
        const target = targetOf(path, specifier)
        return { path, target, from: roomOf(path), to: roomOf(target) }
      }),
  )
}

/** The path of a module of this repository, or the name of a library. */
function targetOf(path: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier
}

function sourceFiles(files: readonly SourceFile[]): SourceFile[] {
  return files.filter(({ path }) => /^(?:src|sandbox)\/.*\.ts$/.test(path))
}

/** `src/tasks/create/create.ts` is in `tasks`, `src/ids.ts` is a room of its own, and so is `sandbox/`. */
function roomOf(path: string): string {
  if (path.startsWith('sandbox/')) return 'sandbox'
  return /^src\/([^/]+?)(?:\.ts)?(?:\/|$)/.exec(path)?.[1] ?? path
}

function rankOf(room: string): number {
  return ranks.findIndex((rooms) => rooms.includes(room))
}

function holdsOnlyReexports(text: string): boolean {
  const code = withoutComments(text).trim()
  const rest = code.replaceAll(/^export\b[^'"`=;]*?\bfrom\s*['"][^'"\n]+['"];?$/gm, '')
  return code !== '' && rest.trim() === ''
}
