// Where customers could read the name of the upstream or its hosts, in words for the operator.
import type { Catalog } from '../catalog/catalog.ts'
import type { Model } from '../catalog/listing.ts'
import type { Brand } from '../config/brand.ts'
import type { Config } from '../config/config.ts'
import { keepsUploads } from '../media/uploads/ours.ts'
import { storeForNew } from '../media/stores/blob-stores.ts'

export function upstreamInSight(config: Config, { models }: Pick<Catalog, 'models'>): string[] {
  const tell = tellTale(config)
  const { surfaces, media, publicUrl } = config
  const passedOn = media.store === 'none' ? 'media.store is none' : 'PUBLIC_URL is not set'
  return [
    ...namedIn(models, tell),
    ...brandTexts(config.brand).flatMap(([place, words]) =>
      tell(words) ? [`brand.${place} names the upstream`] : [],
    ),
    ...(tell(publicUrl ?? '') ? ['PUBLIC_URL names the upstream'] : []),
    ...(storeForNew({ config })
      ? []
      : [`results are passed on with URLs of the upstream's hosts, because ${passedOn}`]),
    ...(keepsUploads(config)
      ? []
      : [
          "pictures that customers upload get URLs of the upstream's hosts: see media.uploads and PUBLIC_URL",
        ]),
    ...(surfaces.keevx
      ? [
          "Keevx's own API is answered at /keevx/v1 and stands in /openapi.json; surfaces: { keevx: false } closes it",
        ]
      : []),
  ]
}

/** Shorter parts of hosts are words, not names. */
const nameLengthMin = 4

/** Whether a text holds the name or the host of an upstream. */
function tellTale({ upstreams }: Config): (text: string) => boolean {
  const hosts = Object.values(upstreams).map(({ baseUrl }) => new URL(baseUrl).hostname)
  const names = hosts
    .filter((host) => /[a-z]/.test(host) && host.includes('.'))
    .map((host) => host.split('.').at(-2) ?? '')
    .filter((name) => name.length >= nameLengthMin)
  const told = ['keevx', ...names, ...hosts.filter((host) => host.includes('.'))]
  return (text) => told.some((name) => text.toLowerCase().includes(name))
}

function namedIn(models: readonly Model[], tell: (text: string) => boolean): string[] {
  const named = models.flatMap((model) => {
    const { id, name, capability, aliases } = model
    const parts = [
      ...(tell(id) ? ['id'] : []),
      ...(tell(name) ? ['name'] : []),
      ...(tell(capability) ? ['capability'] : []),
      ...(aliases.some(tell) ? ['aliases'] : []),
    ]
    return parts.length === 0 ? [] : [`${id} (${parts.join(', ')})`]
  })
  return named.length === 0 ? [] : [`models name the upstream: ${named.join(', ')}`]
}

/** Each text that customers read, with its place in the section. */
function brandTexts({ name, links, footer, notice, buyUrl, buyText }: Brand): [string, string][] {
  const texts = [
    ['name', name],
    ['footer', footer],
    ['notice', notice?.text],
    ['buy_text', buyText],
    ...links.map(({ text }, at) => [`links[${at}].text`, text] as const),
  ] as const
  return [
    ...texts.map(([place, words]): [string, string] => [place, words ? `${words.en}\n${words.zh}` : '']),
    ...links.map(({ url }, at): [string, string] => [`links[${at}].url`, url]),
    ['buy_url', buyUrl ?? ''],
  ]
}
