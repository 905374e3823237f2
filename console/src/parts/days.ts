// Days of a range, as charts show them.

/** All dates of a range: a day without orders has a place of its own. */
export function daysOf(from: string, to: string): string[] {
  const days: string[] = []
  const last = Date.parse(`${to}T00:00:00Z`)
  const dayMs = 86_400_000
  for (let at = Date.parse(`${from}T00:00:00Z`); at <= last; at += dayMs) {
    days.push(new Date(at).toISOString().slice(0, 10))
  }
  return days
}

export const shortDay = (date: string): string => date.slice(5)
