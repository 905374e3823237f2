// The part of a document that is the tasks API's own, without the forms of other makers.

/** Paths of the tasks API; kie's lie among them. */
export const tasksApi = '^/api/v1/(?!jobs/|chat/)'

type Section = Readonly<Record<string, unknown>>

interface Document {
  readonly paths: Section
  readonly components: Readonly<Record<string, Section>>
}

/** With the components that its paths and webhooks use. */
export function tasksApiIn<Whole extends Document>(document: Whole): Whole {
  const isOwn = new RegExp(tasksApi, 'u')
  const paths = Object.fromEntries(Object.entries(document.paths).filter(([path]) => isOwn.test(path)))
  const { components, ...rest } = document
  const used = new Set<string>()
  const use = (value: unknown): void => {
    for (const [, kind = '', name = ''] of JSON.stringify(value).matchAll(/#\/components\/(\w+)\/(\w+)/g)) {
      if (used.has(`${kind}/${name}`)) continue
      used.add(`${kind}/${name}`)
      use(components[kind]?.[name])
    }
  }
  use({ ...rest, paths })
  const isKept = (kind: string, name: string) => kind === 'securitySchemes' || used.has(`${kind}/${name}`)
  const kept = Object.entries(components).map(([kind, section]) => [
    kind,
    Object.fromEntries(Object.entries(section).filter(([name]) => isKept(kind, name))),
  ])
  return { ...document, paths, components: Object.fromEntries(kept) }
}
