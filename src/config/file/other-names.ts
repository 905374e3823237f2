// Other names of upstreams and models: each name once.
import type { z } from 'zod'

type Named = Readonly<Record<string, { readonly aliases: readonly string[] }>>

/** For `superRefine`. `kind` is the word for what is named, such as `upstream`. */
export const eachNameOnce = (kind: string) => (named: Named, context: z.RefinementCtx) => {
  const taken = new Set(Object.keys(named))
  for (const [name, { aliases }] of Object.entries(named)) {
    for (const [at, alias] of aliases.entries()) {
      const message = `is the name of another ${kind} already, or of another alias`
      if (taken.has(alias)) context.addIssue({ code: 'custom', path: [name, 'aliases', at], message })
      taken.add(alias)
    }
  }
}
