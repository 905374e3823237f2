// An internet on loopback: connections to public addresses end at servers of the test, and are written down.
import net, { type NetConnectOpts, type Socket, type TcpNetConnectOpts } from 'node:net'
import { onTestFinished, vi } from 'vitest'

export interface Internet {
  /** Addresses that somebody has tried to connect to, in order. */
  readonly tried: readonly string[]
}

/** Where a public address leads; `seenAs` is what the socket says of its other end, where that is not the address. */
export interface Place {
  readonly url: string
  readonly seenAs?: string
}

/** Public addresses cannot be had on a test's machine; everything else of a connection is real. */
export function pretendInternet(places: Readonly<Record<string, Place>>): Internet {
  const tried: string[] = []
  const real = net.connect
  const spy = vi.spyOn(net, 'connect')
  spy.mockImplementation(((options: NetConnectOpts) => {
    const address = addressOf(options as TcpNetConnectOpts)
    tried.push(address)
    const place = places[address]
    const port = place ? Number(new URL(place.url).port) : 1
    const socket: Socket = real({ host: '127.0.0.1', port })
    const seenAs = place?.seenAs ?? address
    return Object.defineProperty(socket, 'remoteAddress', { get: () => seenAs })
  }) as typeof net.connect)
  onTestFinished(() => spy.mockRestore())
  return { tried }
}

/** As Node does it: an address is taken as it stands, a name is looked up. */
function addressOf({ host = '', lookup }: TcpNetConnectOpts): string {
  if (net.isIP(host) !== 0) return host
  let found = ''
  lookup?.(host, { all: true }, (_error, addresses) => {
    found = typeof addresses === 'string' ? addresses : (addresses[0]?.address ?? '')
  })
  return found
}

/** Answers each question with the next list, the last one for ever; remembers what was asked. */
export function resolver(answers: Readonly<Record<string, readonly (readonly string[])[]>>) {
  const asked: string[] = []
  const resolve = async (host: string): Promise<readonly string[]> => {
    const lists = answers[host]
    if (!lists) throw Object.assign(new Error(`queryA ENOTFOUND ${host}`), { code: 'ENOTFOUND' })
    const times = asked.filter((other) => other === host).length
    asked.push(host)
    return lists[Math.min(times, lists.length - 1)] ?? []
  }
  return { resolve, asked }
}
