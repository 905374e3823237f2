// The wire: what customers, browsers, proxies and terminals are shown, and what is taken from them.
import type { Guard } from '../guard.ts'

const grants = 'test/http/grants.test.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a customer is not shown what the operator noted for himself',
    file: 'src/http/views.ts',
    search: '    public_note: entry.publicNote,',
    replacement: '    public_note: entry.publicNote ?? entry.privateNote,',
    tests: [grants, 'test/http/operator.test.ts'],
  },
  {
    name: 'a key of the operator stands for one public note',
    file: 'src/ledger/grant.ts',
    search: ' && entry.publicNote === notes.public',
    replacement: '',
    tests: [grants],
  },
  {
    name: 'two private notes that differ are refused',
    file: 'src/http/admin/accounts.ts',
    search: ' && privateNote !== otherName) throw twoPrivateNotes()',
    replacement: ' && privateNote === null) throw twoPrivateNotes()',
    tests: [grants],
  },
]
