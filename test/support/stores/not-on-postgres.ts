// What `npm run test:postgres` leaves out, by name and with the reason: it is about SQLite alone.

interface LeftOut {
  readonly reason: string
  /** A file, with the names of its tests; without names, all of them. */
  readonly tests: Readonly<Record<string, readonly string[] | 'all'>>
}

export const leftOut: readonly LeftOut[] = [
  {
    reason: 'the plan is compared with the words that SQLite has for its steps',
    tests: {
      'test/tasks/plans.test.ts': 'all',
      'test/tasks/takeover.test.ts': [
        'a start asks for leases alone, each by an index that holds nothing else',
      ],
    },
  },
  {
    reason: 'PostgreSQL is copied by its own tools',
    tests: {
      'test/tasks/forgotten.test.ts': 'all',
    },
  },
  {
    reason: "it is about SQLite's log",
    tests: {
      'test/ledger/slices.test.ts': [
        'the log of the store is cut back between slices, and grows without end behind one long look',
      ],
    },
  },
  {
    reason: 'reads of SQLite are answered at once, so that those who come together share a commit',
    tests: {
      'test/tasks/idempotency.test.ts': [
        'a replay writes nothing, rings no bell and counts nothing as created',
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
