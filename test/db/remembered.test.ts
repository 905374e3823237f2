// Readings for pages that anybody may ask for: one at a time, and told when they are late.
import { expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { remembered } from '../../src/db/remembered.ts'

test('a reading that hangs is told as late, is not begun again meanwhile, and is used once it ends', async () => {
  let begun = 0
  let end: (value: number) => void = () => undefined
  const read = remembered(systemClock, async () => {
    begun += 1
    return await new Promise<number>((resolve) => (end = resolve))
  })
  await expect(Promise.all([read(), read()])).rejects.toThrow('has not answered')
  await expect(read()).rejects.toThrow('has not answered')
  expect(begun).toBe(1)
  end(7)
  await new Promise((done) => setImmediate(done))
  const next = read()
  end(8)
  expect(await next).toBe(8)
  expect(await read()).toBe(8)
})
