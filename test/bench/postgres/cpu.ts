// The CPU time that processes have used, in microseconds, from /proc.
import { readdirSync, readFileSync } from 'node:fs'

/** `getconf CLK_TCK` of Linux. */
const usPerTick = 10_000

/** Of a process and of all that it has started, those that have ended included. */
export function cpuOf(pid: number): number {
  let ticks = 0
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const fields = fieldsOf(name)
    const [parent, own, ended] = [fields[1], sum(fields.slice(11, 13)), sum(fields.slice(13, 15))]
    if (Number(name) === pid) ticks += own + ended
    else if (Number(parent) === pid) ticks += own
  }
  return ticks * usPerTick
}

/** Those behind the name, which may have spaces; empty if the process is gone. */
function fieldsOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  } catch {
    return []
  }
}

const sum = (numbers: readonly string[]): number =>
  numbers.reduce((total, number) => total + Number(number), 0)
