// The client's address as a trusted proxy hands it on.
import ipaddr from 'ipaddr.js'
import type { FastifyRequest } from 'fastify'

/**
 * Some proxies hand on the port too, `203.0.113.7:4711` or `[2001:db8::7]:4711`. The framework takes such an entry
 * for no address, and so for no proxy that is trusted; so the ports go before it looks.
 */
export function withoutPorts(header: string): string {
  return header.split(',').map(withoutPort).join(', ')
}

const withPort = /^"?(?:\[([0-9a-f:.]+(?:%[\w.-]+)?)\]|(\d{1,3}(?:\.\d{1,3}){3}))(?::\d{1,5})?"?$/i

function withoutPort(entry: string): string {
  const text = entry.trim()
  const [, v6, v4] = withPort.exec(text) ?? []
  return v6 ?? v4 ?? text
}

/** An address and nothing else: what a proxy may hand on besides must not stand in a log that is acted upon. */
export function clientAddress({ ip }: Pick<FastifyRequest, 'ip'>): string {
  return ipaddr.isValid(ip) ? ipaddr.process(ip).toString() : 'unknown'
}
