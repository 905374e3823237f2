// A browser at the console: it keeps the cookie that it is given, and says of each request which page it comes from.
import type { Answer, Gateway } from '../../support/gateway.ts'

export interface Browser {
  /** As the browser would send it back; empty: none. */
  cookie: string
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** Signs in by any way; keeps the cookie that comes back. */
  signIn(credentials: object): Promise<Answer>
  /** What GET /console/session says. */
  session(): Promise<Answer['json']>
}

/** `ownHeaders`: instead of those of a page of the gateway. */
export function newBrowser(gateway: Gateway, ownHeaders?: Record<string, string>): Browser {
  const browser: Browser = {
    cookie: '',
    async call(method, path, body, headers) {
      const page = ownHeaders ?? { origin: gateway.url, 'sec-fetch-site': 'same-origin' }
      const cookie = browser.cookie === '' ? {} : { cookie: browser.cookie }
      const answer = await gateway.call(method, path, {
        headers: { ...page, ...cookie, ...headers },
        ...(body !== undefined && { body }),
      })
      for (const line of answer.headers.getSetCookie()) {
        const [pair = ''] = line.split(';')
        if (!line.includes('Max-Age=0')) browser.cookie = pair
      }
      return answer
    },
    signIn: (credentials) => browser.call('POST', '/console/session', credentials),
    session: async () => (await browser.call('GET', '/console/session')).json.data,
  }
  return browser
}

export async function signedIn(gateway: Gateway, credentials: object): Promise<Browser> {
  const browser = newBrowser(gateway)
  const answer = await browser.signIn(credentials)
  if (answer.status !== 200) throw new Error(`not signed in: ${answer.text}`)
  return browser
}
