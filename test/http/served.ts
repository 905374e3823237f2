// Every route that a gateway answers, as its router has them.
import type { Gateway } from '../support/gateway.ts'

/** As `POST /console/session`. */
export function servedRoutes(gateway: Gateway): string[] {
  const served: string[] = []
  const stack: string[] = []
  for (const line of gateway.app.server.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent = '', part = '', methods = ''] = /^([│ ]*)[├└]── (\S+)(?: \(([^)]*)\))?$/.exec(line) ?? []
    if (part === '') continue
    stack.splice(indent.length / 4, Infinity, part)
    const path = stack
      .join('')
      .replaceAll(/:(\w+)/g, '{$1}')
      .replace(/^\/+/, '/')
    served.push(
      ...methods
        .split(', ')
        .filter((method) => method !== 'HEAD')
        .map((method) => `${method} ${path}`),
    )
  }
  return served
}
