// Where the program's own files are: beside its sources in a checkout, beside its bundle where it was built.

/** The bundle keeps this file's chunk and the entries where they are relative to each other. */
const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

export const ownFiles = {
  migrations: new URL('../migrations/', import.meta.url),
  /** What `npm run build:console` makes. */
  console: new URL('../console/built/', import.meta.url),
  auditThread: new URL(`./ledger/audit-thread${ending}`, import.meta.url),
  sandboxProcess: new URL(`./cli/sandbox-process${ending}`, import.meta.url),
  /** Node's compiled code. Its default folder is for temporary files, where others could place code that we run. */
  compileCache: new URL('../node_modules/.cache/tollgate/', import.meta.url),
} as const
