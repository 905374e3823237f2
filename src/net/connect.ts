// Connects to a target: resolves once, checks every address, and checks the peer again before sending.
import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'

import { isPublicAddress, spelledOut } from './address.ts'
import { codeOf, OutgoingError } from './error.ts'
import type { Resolve } from './resolve.ts'
import { notPublic, type Target } from './url.ts'

/** At most this many of a name's addresses are tried. */
const addressesMax = 8
/** Per address, if several. Node's default of 250 ms fails for distant hosts and after one lost packet. */
const attemptTimeoutMs = 3_000

/** Throws OutgoingError `refused_address`, `connect` or `tls`, or the signal's reason. */
export async function connectTo(target: Target, resolve: Resolve, signal: AbortSignal): Promise<net.Socket> {
  const addresses = await checkedAddresses(target, resolve, signal)
  const socket = await openSocket(target, addresses, signal)
  return target.url.protocol === 'https:' ? await secure(socket, target, signal) : socket
}

/**
 * One private address refuses the whole name, even if others are public: such a name is an attack, or an
 * internal name seen from outside, and the result must not depend on the order of the answer.
 */
async function checkedAddresses(target: Target, resolve: Resolve, signal: AbortSignal): Promise<string[]> {
  const { host, isAllowed } = target
  const addresses = net.isIP(host) === 0 ? await askResolver(target, resolve, signal) : [host]
  if (!isAllowed && !addresses.every(isPublicAddress)) throw refusedAddress(host)
  return addresses.slice(0, addressesMax)
}

async function askResolver({ host, isAllowed }: Target, resolve: Resolve, signal: AbortSignal) {
  let addresses: readonly string[]
  try {
    addresses = await resolve(host, { isAllowed, signal })
  } catch (error) {
    signal.throwIfAborted()
    throw new OutgoingError('connect', `${host} could not be resolved: ${codeOf(error)}`)
  }
  // The machine's own resolver cannot be interrupted, and may answer after the abort.
  signal.throwIfAborted()
  if (addresses.length === 0) throw new OutgoingError('connect', `${host} has no address`)
  return [...addresses]
}

async function openSocket(target: Target, addresses: readonly string[], signal: AbortSignal) {
  const { host, port } = target
  const checked = addresses.map((address) => ({ address, family: net.isIP(address) }))
  const socket = net.connect({
    host,
    port,
    noDelay: true,
    // Uses the first of several addresses that answers.
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: attemptTimeoutMs,
    // Not called if the URL has an address, which was checked already.
    lookup: (_host, { all }, answer) => {
      const [first] = checked
      if (all) answer(null, checked)
      else answer(null, first?.address ?? '', first?.family)
    },
  })
  const failure = (code: string) =>
    new OutgoingError('connect', `${host}:${port} takes no connection: ${code}`)
  await settled(socket, { event: 'connect', failure }, signal)
  // The final check: the peer's actual address must be one of the checked ones.
  const { remoteAddress } = socket
  if (remoteAddress === undefined) {
    socket.destroy()
    throw new OutgoingError('connect', `${host}:${port} let the connection go at once`)
  }
  if (!addresses.map(spelledOut).includes(spelledOut(remoteAddress))) {
    socket.destroy()
    throw refusedAddress(host)
  }
  return socket
}

/** TLS verifies the certificate for the host name, not for the address. */
async function secure(socket: net.Socket, { host, port }: Target, signal: AbortSignal): Promise<net.Socket> {
  const secured = tls.connect({
    socket,
    host,
    servername: net.isIP(host) === 0 ? host : '',
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: true,
  })
  const failure = (code: string) =>
    new OutgoingError('tls', `${host}:${port} has no TLS connection that can be trusted: ${code}`)
  await settled(secured, { event: 'secureConnect', failure }, signal)
  return secured
}

/** The event that means success, and the error if another comes first. */
interface Settling {
  readonly event: 'connect' | 'secureConnect'
  readonly failure: (code: string) => OutgoingError
}

async function settled(socket: net.Socket, { event, failure }: Settling, signal: AbortSignal): Promise<void> {
  // Late errors without a listener must not end the process.
  socket.on('error', () => undefined)
  try {
    await once(socket, event, { signal })
  } catch (error) {
    socket.destroy()
    signal.throwIfAborted()
    throw failure(codeOf(error))
  }
}

const refusedAddress = (host: string) => new OutgoingError('refused_address', notPublic(host).en)
