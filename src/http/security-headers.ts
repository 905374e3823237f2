// The security headers of every answer, worked out once: they are the same for all of them.
import { IncomingMessage, ServerResponse } from 'node:http'
// oxlint-disable-next-line eslint/no-restricted-imports -- never connected: an answer has to have one
import { Socket } from 'node:net'
import helmet from 'helmet'

/** Nothing here is a page, but for those that say so themselves. TLS and HSTS belong to the proxy in front. */
const protect = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"] },
  },
  crossOriginResourcePolicy: { policy: 'same-site' },
  strictTransportSecurity: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  crossOriginOpenerPolicy: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
})

/** Name and value of each, as the library would set them on one answer. */
export function securityHeaders(): [string, string][] {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  protect(request, response, () => undefined)
  return Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)])
}
