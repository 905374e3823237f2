// The security headers of answers and of pages, worked out once: they are the same for all of a kind.
import { IncomingMessage, ServerResponse } from 'node:http'
// oxlint-disable-next-line eslint/no-restricted-imports -- never connected: an answer has to have one
import { Socket } from 'node:net'
import helmet from 'helmet'

/** For pages, where it does the most; those that need more than nothing set their own policy. */
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
 * For answers that are data: taken for nothing else, and if a browser shows one all the same, it runs nothing
 * and stands in no frame. The others speak of links, cookies and older browsers' frames, which data do not
 * have, and a header is among the dearer parts of a small answer. TLS and HSTS belong to the proxy in front.
 */
const namesForAnswers = new Set(['content-security-policy', 'x-content-type-options'])

export const pageHeaders = (): [string, string][] => headersOf(protectPage)

export const answerHeaders = (): [string, string][] =>
  pageHeaders().filter(([name]) => namesForAnswers.has(name))

/** Name and value of each, as the library would set them on one answer. */
function headersOf(protect: typeof protectPage): [string, string][] {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  protect(request, response, () => undefined)
  return Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)])
}
