// A gateway whose console is looked at: it keeps results and serves them itself.
import { startGateway, quickYaml } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { freePort } from '../support/port.ts'

/** `more`: further sections of tollgate.yaml. */
export async function startConsole(more = ''): Promise<Gateway> {
  const port = String(await freePort())
  return await startGateway({
    yaml: `${quickYaml.replace('store: none', 'store: disk')}${more}`,
    env: { PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}` },
  })
}
