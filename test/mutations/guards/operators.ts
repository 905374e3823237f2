// Operators: roles, and the audit of what they change.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../copy.ts'
import type { Guard } from '../guard.ts'

const migrations = 'migrations/sqlite'
const migration = join(
  migrations,
  readdirSync(join(root, migrations)).find((file) => file.endsWith('_limits.sql')) ?? '',
)
const http = 'test/http/operators.test.ts'
const roles = 'test/operators/roles.test.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a route needs the role that the table says',
    file: 'src/http/auth.ts',
    search: '  requireRole(operatorBy(request), needed)\n',
    replacement: '',
    tests: [http],
  },
  {
    name: 'a higher role may do more',
    file: 'src/operators/roles.ts',
    search: 'operatorRoles.indexOf(role) >= operatorRoles.indexOf(needed)',
    replacement: 'operatorRoles.indexOf(role) >= 0 || needed === role',
    tests: [roles, http],
  },
  {
    name: 'a token of an operator is compared',
    file: 'src/operators/roles.ts',
    search: "if (timingSafeEqual(Buffer.from(tokenHash, 'hex'), digest)) found",
    replacement: "if (Buffer.from(tokenHash, 'hex').length === digest.length) found",
    tests: [roles, http],
  },
  {
    name: 'support gives back up to its bound',
    file: 'src/operators/roles.ts',
    search: 'if (refundMax === null || credits <= refundMax) return',
    replacement: 'if (refundMax === null || credits > 0) return',
    tests: [roles],
  },
  {
    name: 'what an operator changes is noted',
    file: 'src/operators/act.ts',
    search: '    if (changed) await note(tx, { by, action, changed, nowMs })\n',
    replacement: '',
    tests: [http],
  },
  {
    name: 'the audit is never changed',
    file: 'migrations/sqlite/0028_privacy.sql',
    search: 'WHERE NOT (NEW.`id` IS OLD.`id` AND NEW.`created_at` IS OLD.`created_at` AND NEW.`actor`',
    replacement: 'WHERE 1 = 0 AND NOT (NEW.`actor`',
    tests: [http],
  },
  {
    name: 'the audit is never deleted',
    file: migration,
    search: "SELECT RAISE(ABORT, 'acts are append-only: what an operator did is never deleted');",
    replacement: 'SELECT 1;',
    tests: [http],
  },
]
