// Reads a Dockerfile as far as ours goes: stages of instructions, values as JSON or words.

export interface Stage {
  readonly name: string
  readonly from: string
  readonly steps: readonly { readonly instruction: string; readonly value: string }[]
}

export function readDockerfile(text: string): Stage[] {
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
  const stages: (Stage & { steps: { instruction: string; value: string }[] })[] = []
  for (const line of lines) {
    const [, instruction = '', value = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? []
    if (instruction === 'FROM') {
      const [from = '', , name = ''] = value.split(/\s+/)
      stages.push({ name, from, steps: [] })
    } else {
      stages.at(-1)?.steps.push({ instruction, value })
    }
  }
  return stages
}

export function valuesOf(stage: Stage, instruction: string): string[] {
  return stage.steps.filter((step) => step.instruction === instruction).map(({ value }) => value)
}

/** `["node", "a"]` as it stands, anything else as words. */
export function wordsOf(value: string): string[] {
  return value.startsWith('[') ? (JSON.parse(value) as string[]) : value.split(/\s+/)
}

export function environmentOf(stage: Stage): Record<string, string> {
  const pairs = valuesOf(stage, 'ENV').flatMap((value) => wordsOf(value))
  return Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string]))
}

/** The command of the health check, without the options before it. */
export function healthCommandOf(stage: Stage): string[] {
  const [value = ''] = valuesOf(stage, 'HEALTHCHECK')
  return wordsOf(value.replace(/^.*?\bCMD\s+/s, ''))
}
