// What an API of another maker is made of: a thin layer over create and query, without money, state or rules of its own.
import type { FastifyInstance } from 'fastify'
import type { SurfacesConfig } from '../../config/config.ts'
import type { Context } from '../../context.ts'
import type { Memory } from '../bodies/memory.ts'
import type { Connections } from '../connections/connections.ts'
import type { PictureBodies } from '../bodies/picture-body.ts'
import type { Uploads } from '../bodies/uploads.ts'
import type { Limits } from '../limits.ts'
import type { Load } from '../load.ts'
import type { Routes } from '../route.ts'
import type { Patience } from '../v1/wait.ts'
import type { SurfaceDocs } from '../wire/docs/surface-docs.ts'
import type { Wire } from '../wire/wire.ts'

/** What the routes of customers are built from. */
export interface ClientMeans {
  readonly limits: Limits
  readonly routes: Routes
  readonly patience: Patience
  readonly load: Load
  readonly memory: Memory
  readonly pictures: PictureBodies
  readonly uploads: Uploads
  /** Counts the files that are being sent to clients. */
  readonly connections: Pick<Connections, 'openFile'>
}

export interface OptionalSurface {
  /** Its key in the `surfaces` section of tollgate.yaml. */
  readonly name: keyof SurfacesConfig
  /** Of its paths. */
  readonly prefixes: readonly string[]
  readonly wire: Wire
  readonly docs: SurfaceDocs
  /** Called in a scope that has authenticated the customer. */
  addRoutes(scope: FastifyInstance, ctx: Context, means: ClientMeans): Promise<void> | void
}
