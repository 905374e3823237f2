// What `npm run test:postgres` leaves out, by name and with the reason: it is about SQLite alone.

interface LeftOut {
  readonly reason: string
  /** A file, with the names of its tests; without names, all of them. */
  readonly tests: Readonly<Record<string, readonly string[] | 'all'>>
}

const leftOut: readonly LeftOut[] = [
  {
    reason: 'the plan is compared with the words that SQLite has for its steps',
    tests: {
      'test/tasks/plans.test.ts': 'all',
      'test/http/routes.test.ts': [
        'no statement of a start, a loop or a request looks through a table that grows',
      ],
      'test/webhooks/lanes.test.ts': [
        'with a hundred thousand receivers waiting, a claim reads a few rows by index and finds what is due',
      ],
      'test/tasks/takeover.test.ts': [
        'a start asks for leases alone, each by an index that holds nothing else',
      ],
    },
  },
  {
    reason: 'PostgreSQL is copied by its own tools',
    tests: {
      'test/tasks/forgotten.test.ts': 'all',
      'test/tasks/first-frame-restored.test.ts': 'all',
      'test/media/copies.test.ts': 'all',
      'test/media/uploads-counted.test.ts': [
        'an upload with a row is no stray, and one that an older copy does not know goes after the grace',
        'a backup takes uploads along, a restore puts them back, and a store from before there were any has none',
      ],
    },
  },
  {
    reason: 'several gateways may serve a PostgreSQL store',
    tests: {
      'test/db/lock.test.ts': ['a second gateway on the same store does not start, and the first serves on'],
    },
  },
  {
    reason: "it is about SQLite's files",
    tests: {
      'test/time/gateway.test.ts': [
        'a gateway whose store is renamed tells no customer that an order was kept, and is not ready',
      ],
      'test/ledger/slices.test.ts': [
        'the log of the store is cut back between slices, and grows without end behind one long look',
      ],
    },
  },
  {
    reason: 'the sealing key is configured, and is no file',
    tests: {
      'test/webhooks/secrets.test.ts': [
        'where secrets are sealed, a key that is gone is missed and not made anew',
        'after the key was lost and another put in its place, a new secret makes all well again',
      ],
      'test/http/quotes.test.ts': [
        'that cannot be checked charges nothing; prices are told and orders taken without it',
      ],
      'test/webhooks/deliver.test.ts': [
        'without the sealing key nothing is sent unsigned: it waits, and leaves when the key is back',
      ],
    },
  },
  {
    reason: 'it turns the clock, or counts commits, as if reads were answered at once',
    tests: {
      'test/http/events.test.ts': [
        'a silent stream is kept alive by a comment every fifteen seconds, and goes on where it was left',
      ],
      'test/tasks/idempotency.test.ts': [
        'a replay writes nothing, rings no bell and counts nothing as created',
      ],
    },
  },
  {
    reason: 'its orders have used up their shortened pauses before a gateway on PostgreSQL has started again',
    tests: {
      'test/http/surfaces/keevx/before-another.test.ts': [
        'an inner one that restarts loses no order and makes none twice',
      ],
    },
  },
]

/** Null: it runs. */
export function reasonToSkip(file: string, test: string): string | null {
  for (const { reason, tests } of leftOut) {
    const names = tests[file]
    if (names === 'all' || names?.includes(test)) return reason
  }
  return null
}
