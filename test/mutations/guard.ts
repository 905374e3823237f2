// A guard, and how to take it away: when it is gone, a test has to miss it.
import { readdirSync } from 'node:fs'

export interface Guard {
  /** What it keeps from happening, in a few words; unique among all. */
  readonly name: string
  /** From the root of the repository. */
  readonly file: string
  /** Stands exactly once in the file. */
  readonly search: string
  /** What stands there when the guard is taken away; it still runs. */
  readonly replacement: string
  /** Of these at least one test must fail then, the likeliest first. */
  readonly tests: readonly string[]
}

/** What a file of guards is about, and its guards. Whoever adds a subject adds a file, and nothing else. */
export interface Subject {
  readonly subject: string
  readonly guards: readonly Guard[]
}

const folder = new URL('./guards/', import.meta.url)

export async function allSubjects(): Promise<Subject[]> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))
  return await Promise.all(
    files.toSorted().map(async (file) => {
      const { guards } = (await import(new URL(file, folder).href)) as { guards: readonly Guard[] }
      return { subject: file.replace(/\.ts$/, ''), guards }
    }),
  )
}

/** How often a text stands in another. */
export const occurrences = (text: string, part: string): number => text.split(part).length - 1
