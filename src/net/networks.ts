// Networks in CIDR notation, and whether an address lies in one of them.
import ipaddr from 'ipaddr.js'

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number]

/** An IPv4 address that is written as IPv6 (::ffff:…) is the IPv4 address, on both sides. */
export function isWithin(ip: string, networks: readonly string[]): boolean {
  if (!ipaddr.isValid(ip)) return false
  const address = ipaddr.process(ip)
  return rangesOf(networks).some(
    ([network, bits]) => network.kind() === address.kind() && (address as ipaddr.IPv6).match(network, bits),
  )
}

const known = new WeakMap<readonly string[], readonly Range[]>()

/** Of a list that is asked about again and again. */
function rangesOf(networks: readonly string[]): readonly Range[] {
  const ranges = known.get(networks) ?? networks.map(rangeOf)
  known.set(networks, ranges)
  return ranges
}

const v4Bits = 32
const v6Bits = 128
/** ::ffff:0:0/96 holds all of IPv4. */
const mappedBits = 96

function rangeOf(text: string): Range {
  const [network, bits] = text.includes('/') ? ipaddr.parseCIDR(text) : wholeAddress(text)
  if (!(network instanceof ipaddr.IPv6) || !network.isIPv4MappedAddress() || bits < mappedBits)
    return [network, bits]
  return [network.toIPv4Address(), bits - mappedBits]
}

function wholeAddress(text: string): Range {
  const address = ipaddr.parse(text)
  return [address, address.kind() === 'ipv4' ? v4Bits : v6Bits]
}
