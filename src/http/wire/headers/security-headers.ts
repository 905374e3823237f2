// Security headers of API answers and of pages, computed once.
import { IncomingMessage, ServerResponse } from 'node:http'
// oxlint-disable-next-line eslint/no-restricted-imports -- never connected: an answer has to have one
import { Socket } from 'node:net'
import helmet from 'helmet'

/** For pages, where they matter most; pages that need to load something set their own policy. */
const protectPage = helmet({
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

/**
 * For data answers: no MIME sniffing, and if a browser shows one anyway, it runs nothing and cannot be
 * framed. The other headers concern links, cookies and old browsers' frames, which data does not have, and
 * headers are a costly part of a small answer. TLS and HSTS are up to the proxy in front.
 */
const namesForAnswers = new Set(['content-security-policy', 'x-content-type-options'])

export const pageHeaders = (): [string, string][] => headersOf(protectPage)

export const answerHeaders = (): [string, string][] =>
  pageHeaders().filter(([name]) => namesForAnswers.has(name))

/** Header names and values as the library sets them on a response. */
function headersOf(protect: typeof protectPage): [string, string][] {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  protect(request, response, () => undefined)
  return Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)])
}
