// Which IP addresses are public: given out for the internet at large, and in nobody's private network.
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * All that is given out of IPv6 so far (RFC 4291). It leaves out IPv4-compatible addresses (::127.0.0.1),
 * which ipaddr.js takes for unicast, and whatever is named after its table was written.
 */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')
/** Lies among public addresses, but from inside Azure it is the host's own agent. */
const azureAgent = ipaddr.IPv4.parse('168.63.129.16')

/** False for whatever is no address, for every special range of IANA, and for IPv4 inside IPv6 in any form. */
export function isPublicAddress(text: string): boolean {
  // ipaddr.js alone would also read 127.1 and 0x7f.1; a zone (fe80::1%eth0) belongs to one machine.
  if (isIP(text) === 0 || text.includes('%')) return false
  const address = ipaddr.parse(text)
  if (address.range() !== 'unicast') return false
  return address.kind() === 'ipv4' ? !address.match(azureAgent, 32) : address.match(globalUnicast)
}

/** One spelling for each address, so that two can be compared. */
export function spelledOut(address: string): string {
  return isIP(address) === 0 ? address : ipaddr.parse(address).toNormalizedString()
}
