// Leaves out the tests of `not-on-postgres.ts` where the suite runs with its stores in PostgreSQL.
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach } from 'vitest'
import { reasonToSkip } from './not-on-postgres.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

beforeEach(({ task, skip }) => {
  const reason = reasonToSkip(relative(root, task.file.filepath), task.name)
  if (reason !== null) skip(reason)
})
