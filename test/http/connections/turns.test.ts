// What connections have to do is done in turns: so much in each, a step of each at a time, and newcomers first.
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Turns } from '../../../src/http/connections/turns.ts'
import type { Task } from '../../../src/http/connections/turns.ts'

/** A turn of the event loop for each of the steps that were done in it. */
async function turnsUntilDone(steps: string[], count: number): Promise<string[][]> {
  const turns: string[][] = [steps.splice(0)]
  for (let done = turns[0]?.length ?? 0; done < count;) {
    await setImmediate()
    const ofTurn = steps.splice(0)
    done += ofTurn.length
    turns.push(ofTurn)
    expect(turns.length, 'turns').toBeLessThan(10_000)
  }
  return turns
}

function taskOf(steps: string[], name: string, count: number, units = 1): Task {
  let left = count
  return {
    step() {
      left -= 1
      steps.push(name)
      return units
    },
    hasMore: () => left > 0,
  }
}

test('a turn takes no more units than it has, whoever they are of', async () => {
  const steps: string[] = []
  const turns = new Turns(10)
  for (let each = 0; each < 40; each += 1) turns.take(taskOf(steps, `task ${each}`, 5, 2))
  const done = await turnsUntilDone(steps, 200)
  expect(Math.max(...done.map(({ length }) => length))).toBe(5)
})

test('a task does one step in a turn, however few others there are', async () => {
  const steps: string[] = []
  const turns = new Turns(1_000)
  turns.take(taskOf(steps, 'one', 20))
  turns.take(taskOf(steps, 'other', 20))
  for (const ofTurn of await turnsUntilDone(steps, 40)) expect(new Set(ofTurn).size).toBe(ofTurn.length)
})

test('who comes anew is served before those who had their step and want more', async () => {
  const steps: string[] = []
  const turns = new Turns(4)
  for (let each = 0; each < 100; each += 1) turns.take(taskOf(steps, `flood ${each}`, 50))
  for (let each = 0; each < 60; each += 1) await setImmediate()
  steps.splice(0)
  turns.take(taskOf(steps, 'newcomer', 1))
  await setImmediate()
  await setImmediate()
  expect(steps.slice(0, 5)).toContain('newcomer')
})

test('a task that is put off has its step in a later turn, and once', async () => {
  const steps: string[] = []
  const turns = new Turns(10)
  const task = taskOf(steps, 'one', 1)
  turns.defer(task)
  turns.defer(task)
  turns.take(task)
  expect(steps).toEqual([])
  await turnsUntilDone(steps, 1)
  await setImmediate()
  expect(steps).toEqual([])
})
