// Writes the types of the console's calls from the OpenAPI documents that a gateway serves: `npm run types`.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { startGateway } from '../test/support/gateway.ts'

/** The generator builds syntax trees, which the compiler of today no longer offers; that package has an older one. */
registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier === 'typescript' ? '@ts-morph/common/dist/typescript.js' : specifier, context),
})

const documentsOfTypes = [
  { path: '/openapi.json', file: 'client-api.d.ts', of: 'the client API' },
  { path: '/admin/openapi.json', file: 'operator-api.d.ts', of: 'the operator API' },
] as const

async function typesOf(document: string, of: string): Promise<string> {
  const { default: openapi, astToString } = await import('openapi-typescript')
  const tree = await openapi(document, { alphabetize: true, defaultNonNullable: false })
  return `// Types of ${of}, written from its OpenAPI document by \`npm run console:types\`.\n${astToString(tree)}`
}

if (import.meta.main) {
  const folder = fileURLToPath(new URL('../console/src/api/', import.meta.url))
  mkdirSync(folder, { recursive: true })
  const gateway = await startGateway()
  try {
    for (const { path, file, of } of documentsOfTypes) {
      const { text } = await gateway.call('GET', path)
      write(`${folder}${file}`, await typesOf(text, of))
    }
  } finally {
    await gateway.stop()
  }
}

/** At once and only where it changes: checks that run beside each other read it. */
function write(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return
  const unfinished = `${path}.${process.pid}`
  writeFileSync(unfinished, text)
  renameSync(unfinished, path)
}
