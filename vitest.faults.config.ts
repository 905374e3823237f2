// How the faults run: one after another in each file, each named as it ends; `npm run test:faults` starts it.
import { defineConfig } from 'vitest/config'

/** A fault takes several starts of the gateway, and waits until every order has ended. */
const faultTimeoutMs = 180_000

export default defineConfig({
  test: {
    name: 'faults',
    environment: 'node',
    include: ['test/faults/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: '100%',
    testTimeout: faultTimeoutMs,
    hookTimeout: faultTimeoutMs,
    reporters: ['verbose'],
    // A fault that is injected and not judged proves nothing.
    expect: { requireAssertions: true },
  },
})
