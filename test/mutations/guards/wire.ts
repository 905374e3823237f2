// The wire: what customers, browsers, proxies and terminals are shown, and what is taken from them.
import type { Guard } from '../guard.ts'

const grants = 'test/http/grants.test.ts'
const browsers = 'test/http/browsers.test.ts'
const refusedKeys = 'test/http/refused-keys.test.ts'
const terminal = 'test/cli/terminal.test.ts'
const request = 'test/catalog/request.test.ts'
const query = 'test/http/query.test.ts'

const media = 'src/http/media.ts'
const stamp = 'src/http/wire/headers/stamp.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a customer is not shown what the operator noted for himself',
    file: 'src/http/views.ts',
    search: '    public_note: entry.publicNote,',
    replacement: '    public_note: entry.publicNote ?? entry.privateNote,',
    tests: [grants, 'test/http/operator.test.ts'],
  },
  {
    name: 'a key of the operator stands for one public note',
    file: 'src/ledger/grant.ts',
    search: '    entry.publicNote === notes.public &&\n',
    replacement: '',
    tests: [grants],
  },
  {
    name: 'two private notes that differ are refused',
    file: 'src/http/admin/money/credits.ts',
    search: 'otherName !== undefined && privateNote !== otherName)',
    replacement: 'otherName !== undefined && privateNote === null)',
    tests: [grants],
  },
  {
    name: 'a cache has a file no longer than we keep it',
    file: media,
    search: 'const seconds = Math.min(Math.floor(lifetimeMs / 1000), yearSeconds)',
    replacement: 'const seconds = lifetimeMs > 0 ? yearSeconds : 0',
    tests: [browsers],
  },
  {
    name: 'a file that was kept long enough is not cached',
    file: media,
    search: "seconds > 0 ? `public, max-age=${seconds}, immutable` : 'no-store'",
    replacement: '`public, max-age=${Math.max(1, seconds)}, immutable`',
    tests: [browsers],
  },
  {
    name: 'only pages of origins that are named read the API',
    file: 'src/http/wire/headers/cors.ts',
    search: 'if (origin === undefined || !known.has(origin)) return false',
    replacement: 'if (origin === undefined) return false',
    tests: [browsers],
  },
  {
    name: 'the operator API is open to no page',
    file: stamp,
    search: "if (callers === 'customers') {",
    replacement: "if (callers === 'customers' || callers === 'operators') {",
    tests: [browsers],
  },
  {
    name: 'no cache keeps what a key was shown',
    file: stamp,
    search: ", ['cache-control', 'no-store'] as const]",
    replacement: ']',
    tests: [browsers],
  },
  {
    name: 'no cache keeps a failure',
    file: 'src/http/wire/failure.ts',
    search: "  reply.header('cache-control', 'no-store')",
    replacement: '',
    tests: ['test/http/media.test.ts'],
  },
  {
    name: 'a failure bears no header of the file that could not be sent',
    file: 'src/http/wire/failure.ts',
    search: '  for (const name of headersOfFiles) reply.removeHeader(name)\n',
    replacement: '',
    tests: ['test/http/media.test.ts'],
  },
  {
    name: 'a file that breaks off before its first byte is answered',
    file: 'src/http/wire/failure.ts',
    search: '  for (const name of reply.raw.getHeaderNames()) reply.raw.removeHeader(name)\n',
    replacement: '',
    tests: ['test/http/media.test.ts'],
  },
  {
    name: 'a file that breaks off may be asked for again soon',
    file: media,
    search: 'sendFailure(reply, error instanceof GatewayError ? error : unreadable(error))',
    replacement: 'sendFailure(reply, error)',
    tests: ['test/http/media.test.ts'],
  },
  {
    name: 'nobody waits for an answer that cannot be sent',
    file: 'src/http/wire/flush-batch.ts',
    search: 'one.reply.raw.destroy()',
    replacement: '',
    tests: ['test/http/together.test.ts'],
  },
  {
    name: 'what a proxy closes by how it begins is not passed by a slash too many',
    file: 'src/http/wire/path.ts',
    search: ' && url.startsWith(`${prefix}/`))',
    replacement: ')',
    tests: ['test/http/slashes.test.ts'],
  },
  {
    name: 'the operator API answers in its own wire format',
    file: 'src/http/surfaces/surfaces.ts',
    search: 'wire: operatorWire,',
    replacement: 'wire: [operatorWire, clientWire][1] ?? clientWire,',
    tests: ['test/http/operator.test.ts'],
  },
  {
    name: 'a port says nothing of who a client is',
    file: 'src/http/frame.ts',
    search: "request.headers['x-forwarded-for'] = withoutPorts(forwarded)",
    replacement: "request.headers['x-forwarded-for'] = forwarded",
    tests: [refusedKeys],
  },
  {
    name: 'the log names an address or none',
    file: 'src/http/wire/forwarded.ts',
    search: "ipaddr.isValid(ip) ? ipaddr.process(ip).toString() : 'unknown'",
    replacement: 'ipaddr.isValid(ip) ? ipaddr.process(ip).toString() : ip',
    tests: [refusedKeys],
  },
  {
    name: 'a refused key is logged with its address',
    file: 'src/http/auth.ts',
    search: '        logRefusal(request, scheme.api, shown)',
    replacement: '',
    tests: [refusedKeys],
  },
  {
    name: 'names move no cursor',
    file: 'src/http/wire/issue-words.ts',
    search: '      isOneLine,',
    replacement: '      (text) => isOneLine(text) || text.length > 0,',
    tests: ['test/http/operator.test.ts'],
  },
  {
    name: 'tables escape what moves the cursor',
    file: 'src/cli/output/table.ts',
    search: 'printable(String(cell))',
    replacement: 'String(cell)',
    tests: [terminal],
  },
  {
    name: 'whatever else is printed is escaped too',
    file: 'src/cli/output/exit.ts',
    search: '`${printable(text)}\\n`',
    replacement: '`${text}\\n`',
    tests: [terminal],
  },
  {
    name: 'output that is lost is told by the exit code',
    file: 'src/cli/program.ts',
    search: 'return unwritten === null ? code : reportUnwritten(unwritten, code)',
    replacement: 'return code',
    tests: [terminal],
  },
  {
    name: 'a prompt that cannot be seen is empty',
    file: 'src/catalog/values.ts',
    search: '  if (isBlank(prompt)) {',
    replacement: "  if (prompt.trim() === '') {",
    tests: [request],
  },
  {
    name: 'an Idempotency-Key compares what is meant',
    file: 'src/tasks/create/body-hash.ts',
    search: 'canonical(plainBody(body), 0, pictures)',
    replacement: 'canonical(body, 0, pictures)',
    tests: [request],
  },
  {
    name: 'base64 is read for what it is, and nothing beside it',
    file: 'src/media/uploads/inline-uri.ts',
    search: '|| value === bad || (value >= 0',
    replacement: '|| (value >= 0',
    tests: ['test/media/inline-uri.test.ts'],
  },
  {
    name: 'a request that changes something means what its query says',
    file: 'src/http/route.ts',
    search: "method !== 'GET' ||",
    replacement: '',
    tests: ['test/http/words.test.ts', query],
  },
]
