// Outgoing requests: no URL that somebody names opens a connection to an address that is not public.
import type { Guard } from '../guard.ts'

const addresses = 'test/net/addresses.test.ts'
const redirects = 'test/net/redirects.test.ts'
const bounds = 'test/net/bounds.test.ts'
const tls = 'test/net/tls.test.ts'

const keeping = 'test/net/kept.test.ts'

const exchanging = 'src/net/exchange.ts'
const address = 'src/net/address.ts'
const connect = 'src/net/connect.ts'
const fetching = 'src/net/fetch.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a special range is not public',
    file: address,
    search: "if (address.range() !== 'unicast') return false",
    replacement: '',
    tests: [addresses],
  },
  {
    name: 'IPv4 inside IPv6 is not public',
    file: address,
    search: ': address.match(globalUnicast)',
    replacement: ': true',
    tests: [addresses],
  },
  {
    name: 'every address of a name is public',
    file: connect,
    search: 'if (!isAllowed && !addresses.every(isPublicAddress)) throw refusedAddress(host)',
    replacement: '',
    tests: [addresses],
  },
  {
    name: 'one private address refuses the name',
    file: connect,
    search: '!addresses.every(isPublicAddress)',
    replacement: '!addresses.some(isPublicAddress)',
    tests: [addresses],
  },
  {
    name: 'who is at the other end is who was checked',
    file: connect,
    search: 'if (!addresses.map(spelledOut).includes(spelledOut(remoteAddress))) {',
    replacement: 'if (false) {',
    tests: [addresses],
  },
  {
    name: 'a certificate is that of the name',
    file: connect,
    search: 'rejectUnauthorized: true,',
    replacement: 'rejectUnauthorized: false,',
    tests: [tls],
  },
  {
    name: 'redirects are followed as often as was asked for',
    file: fetching,
    search: "if (left <= 0) throw redirectError(target, answer, 'which is not followed')",
    replacement: '',
    tests: [redirects],
  },
  {
    name: 'no redirect leads from https to http',
    file: fetching,
    search: "if (target.url.protocol === 'https:' && next.protocol === 'http:') {",
    replacement: 'if (false) {',
    tests: [redirects, tls],
  },
  {
    name: 'headers stay with the first host',
    file: fetching,
    search: 'if (next.url.origin !== target.url.origin) headers = forAnybody(headers)',
    replacement: '',
    tests: [redirects],
  },
  {
    name: 'an answer is read up to its limit',
    file: fetching,
    search: "if (question.method !== 'HEAD' && Number(headers['content-length']) > maxBytes) {",
    replacement: 'if (false) {',
    tests: [bounds],
  },
  {
    name: 'a connection is kept for its own origin alone',
    file: exchanging,
    search: 'void keepAfter(answer.body, connection, () => kept.give(target.url.origin, connection))',
    replacement: "void keepAfter(answer.body, connection, () => kept.give('', connection))",
    tests: [keeping],
  },
  {
    name: 'what may not arrive twice has a connection of its own',
    file: fetching,
    search: 'kept: mayArriveTwice ? outgoing.kept : null',
    replacement: 'kept: outgoing.kept',
    tests: [keeping],
  },
  {
    name: 'a kept connection is checked anew after a minute',
    file: 'src/net/kept.ts',
    search: ' && now() - openedAt < ageMaxMs',
    replacement: '',
    tests: [keeping],
  },
  {
    name: 'a kept connection never connects anew',
    file: exchanging,
    search: 'if (isUsed) throw new LetGo(target.host)',
    replacement: '',
    tests: [keeping],
  },
  {
    name: 'of an answer that nobody reads a bounded rest is read away',
    file: exchanging,
    search: "if (bytes > leftBytesMax) throw new RangeError('too much is left')",
    replacement: '',
    tests: [keeping],
  },
  {
    name: 'a family of addresses that is not answered for holds nobody up',
    file: 'src/net/resolve.ts',
    search: 'await Promise.race([both, aMoment])',
    replacement: 'await both',
    tests: ['test/net/resolve.test.ts'],
  },
]
