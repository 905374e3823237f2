// Decides which IP addresses are public, that is, routable on the internet.
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * All of IPv6 that is allocated so far (RFC 4291). Excludes IPv4-compatible addresses (::127.0.0.1), which
 * ipaddr.js takes for unicast, and any range named after its table was written.
 */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')
/** A public address, but inside Azure it is the host's own agent. */
const azureAgent = ipaddr.IPv4.parse('168.63.129.16')

/** False for non-addresses, for every special range of IANA, and for IPv4 inside IPv6 in any form. */
export function isPublicAddress(text: string): boolean {
  // ipaddr.js alone would accept 127.1 and 0x7f.1; a zone (fe80::1%eth0) is local to one machine.
  if (isIP(text) === 0 || text.includes('%')) return false
  const address = ipaddr.parse(text)
  if (address.range() !== 'unicast') return false
  return address.kind() === 'ipv4' ? !address.match(azureAgent, 32) : address.match(globalUnicast)
}

/** The normalized form of an address, for comparisons. */
export function spelledOut(address: string): string {
  return isIP(address) === 0 ? address : ipaddr.parse(address).toNormalizedString()
}
