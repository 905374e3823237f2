// Parses untrusted URLs: checks the syntax and whether the host can be public; resolves no names.
import { isIP } from 'node:net'

import type { Text } from '../errors.ts'
import { isPublicAddress } from './address.ts'

/** The destination of a URL, as far as the URL itself tells. */
export interface Target {
  readonly url: URL
  /** Lower case, without brackets or a trailing dot; addresses are normalized. */
  readonly host: string
  readonly port: number
  /** In `network.allow_hosts`, or a known origin: its addresses may be private. */
  readonly isAllowed: boolean
}

export type UrlReading = { readonly target: Target } | { readonly refusal: Text }
/** `origins` are allowed although private, but only with exactly their scheme, host and port. */
export type UrlReader = (url: string, origins?: readonly string[]) => UrlReading
/** Why a URL is refused, phrased to follow the field's name; never repeats the URL. Null if accepted. */
export type UrlCheck = (url: string) => Text | null

export interface UrlRules {
  /** `network.allow_hosts`: these may be private, on any port. */
  readonly allowHosts: readonly string[]
  readonly origins?: readonly string[]
}

export function createUrlCheck({ allowHosts, origins }: UrlRules): UrlCheck {
  const read = createUrlReader(allowHosts)
  return (url) => {
    const reading = read(url, origins)
    return 'refusal' in reading ? reading.refusal : null
  }
}

export function createUrlReader(allowHosts: readonly string[]): UrlReader {
  const allowed = new Set(allowHosts.map(asInUrls))
  return (text, origins = []) => {
    const url = parse(text)
    if (!(url instanceof URL)) return { refusal: url }
    const host = bare(url.hostname)
    const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
    const isAllowed = allowed.has(host) || origins.some((known) => new URL(known).origin === url.origin)
    const refusal = isAllowed ? null : (hostRefusal(host) ?? portRefusal(url.port))
    return refusal ? { refusal } : { target: { url, host, port, isAllowed } }
  }
}

/** What browsers, proxies and Keevx reliably accept. */
const urlLengthMax = 2048

const strayCharacter = {
  space: {
    en: 'must be a URL that starts with http:// or https:// without spaces, line breaks or control characters; this one has one inside. Write a space as %20',
    zh: '必须是以 http:// 或 https:// 开头的 URL,且中间不能有空格、换行或控制字符;空格请写作 %20',
  },
  backSlash: {
    en: 'must be a URL that starts with http:// or https:// without a back slash; this one has one. Write / between the parts of a path, or %5C',
    zh: '必须是以 http:// 或 https:// 开头的 URL,且不能包含反斜杠;路径请用 / 分隔,或写作 %5C',
  },
}

function parse(text: string): URL | Text {
  if (text.length > urlLengthMax) {
    return {
      en: `must have at most ${urlLengthMax} characters; this URL has ${text.length}`,
      zh: `URL 长度不能超过 ${urlLengthMax} 个字符,当前为 ${text.length} 个`,
    }
  }
  // `URL` itself also accepts http:host, back slashes, and line breaks in the middle.
  if (/^https?:\/\//i.test(text)) {
    if (/[\s\p{Cc}]/u.test(text)) return strayCharacter.space
    if (text.includes('\\')) return strayCharacter.backSlash
  }
  const isWritten = /^https?:\/\/[^\s/\\]/i.test(text) && text.isWellFormed()
  const url = isWritten && URL.canParse(text) ? new URL(text) : null
  if (!url) {
    return {
      en: 'must be a URL that starts with http:// or https://',
      zh: '必须是以 http:// 或 https:// 开头的 URL',
    }
  }
  if (url.username !== '' || url.password !== '') {
    return { en: 'must not hold a user name or password', zh: 'URL 中不能包含用户名或密码' }
  }
  // The same host; but certificates, and some servers, know it only without the dot.
  url.hostname = url.hostname.replace(/\.$/, '')
  return url
}

/** Normalizes a host like `URL` does, whatever its notation in the configuration: 0x7f.1 is 127.0.0.1. */
function asInUrls(host: string): string {
  const url = `http://${isIP(host) === 6 ? `[${host}]` : host}`
  return URL.canParse(url) ? bare(new URL(url).hostname) : host
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
}

/** Names that are private by standard (RFC 6761, 6762, 8375, ICANN's .internal) or by convention. */
const privateEndings = [
  'localhost',
  'localdomain',
  'local',
  'internal',
  'intranet',
  'private',
  'corp',
  'home',
  'home.arpa',
  'lan',
]
const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?'
/** A name without a dot belongs to a private network: `redis`, `metadata`. */
const publicName = new RegExp(`^(?=.{1,253}$)${label}(?:\\.${label})+$`)

/** `URL` has normalized disguised addresses: other bases, fewer parts, percent signs, other scripts. */
function hostRefusal(host: string): Text | null {
  const isPublic =
    isIP(host) === 0
      ? publicName.test(host) && !privateEndings.some((ending) => `.${host}`.endsWith(`.${ending}`))
      : isPublicAddress(host)
  return isPublic ? null : notPublic(host)
}

/** Longer hosts are cut when a message repeats them. */
const shownHostLengthMax = 80

export function notPublic(host: string): Text {
  const shown = host.length > shownHostLengthMax ? `${host.slice(0, shownHostLengthMax)}…` : host
  return {
    en: `${shown} is no public address. Use a URL that the whole internet can reach, or ask the operator to add the host to network.allow_hosts`,
    zh: `${shown} 不是公网地址。请使用可从公网访问的 URL,或请运营方将该主机加入 network.allow_hosts`,
  }
}

/** Lower ports belong to mail, shells and the like; HTTP servers there use 80 and 443. */
const freePortMin = 1024
/** Higher ports that the fetch standard blocks: a service there could take a request for its own protocol. */
const blockedPorts = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697,
  10080,
])

/** `URL` omits the scheme's default port. */
function portRefusal(text: string): Text | null {
  const port = Number(text)
  if (text === '' || port === 80 || port === 443) return null
  if (port >= freePortMin && !blockedPorts.has(port)) return null
  return {
    en: `port ${text} is not for HTTP. Use 80, 443, or one from ${freePortMin} up that browsers take`,
    zh: `端口 ${text} 不用于 HTTP。请使用 80、443,或 ${freePortMin} 以上浏览器允许的端口`,
  }
}
