// Reads the client's address from a trusted proxy's X-Forwarded-For header.
import ipaddr from 'ipaddr.js'
import type { FastifyRequest } from 'fastify'

/**
 * Some proxies append the port, `203.0.113.7:4711` or `[2001:db8::7]:4711`. The framework takes such an entry
 * for an invalid address and thus not for a trusted proxy, so we strip the ports first.
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

/** Only a valid address: other text from a proxy must not get into a log that tools act on. */
export function clientAddress({ ip }: Pick<FastifyRequest, 'ip'>): string {
  return ipaddr.isValid(ip) ? ipaddr.process(ip).toString() : 'unknown'
}
