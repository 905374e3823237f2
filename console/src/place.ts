// Addresses of pages, and filters that stand in them.
import { useLocation } from 'preact-iso'
import { root } from './api/client.ts'

export const base = `${root}/console`

/** The address of a page; filters that are empty are left out. */
export function to(
  path: string,
  filters: Readonly<Record<string, string | number | null | undefined>> = {},
): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(filters)) {
    if (value !== undefined && value !== null && value !== '') query.set(name, String(value))
  }
  return `${base}${path}${query.size > 0 ? `?${query}` : ''}`
}

export interface Filters<Name extends string> {
  readonly filters: Readonly<Record<Name, string>>
  /** Changes some; the list begins at its first rows again. */
  narrow(changes: Partial<Record<Name, string>>): void
  /** A field that shows one and changes it. */
  on(name: Name): {
    readonly value: string
    readonly onChange: (event: { readonly currentTarget: HTMLInputElement | HTMLSelectElement }) => void
  }
}

/** The filters of a page by name; one that is not in the address is empty. */
export function useFilters<Name extends string>(...names: readonly Name[]): Filters<Name> {
  const { query, path, route } = useLocation()
  const filters = Object.fromEntries(names.map((name) => [name, query[name] ?? ''])) as Record<Name, string>
  const narrow: Filters<Name>['narrow'] = (changes) =>
    route(to(path.slice(base.length), { ...query, cursor: '', ...changes }), true)
  return {
    filters,
    narrow,
    on: (name) => ({
      value: filters[name],
      onChange: ({ currentTarget: { value } }) => narrow({ [name]: value.trim() } as typeof filters),
    }),
  }
}
