// First views: from the navigation to the frame that shows the page's heading and its first figures or rows.
import type { Wanted, Bench, SignedIn } from './browser.ts'
import type { Measure } from './report.ts'

export interface Who {
  readonly customer: SignedIn
  readonly operator: SignedIn
}

const views: readonly { readonly name: string; readonly role: keyof Who; readonly awaited: Wanted }[] = [
  { name: 'Overview of a customer', role: 'customer', awaited: { selector: 'main a[href*="/tasks/task_"]' } },
  {
    name: 'Today of the operator',
    role: 'operator',
    awaited: { selector: 'main dl dd', holds: String.raw`\d` },
  },
]

export async function firstViews(bench: Bench, who: Who, runs: number): Promise<Measure[]> {
  const measured: Measure[] = []
  for (const { name, role, awaited } of views) {
    const [cold, warm, painted]: [number[], number[], number[]] = [[], [], []]
    // The first visit finds a gateway that has read none of its files; it is not counted.
    for (let run = 0; run <= runs; run += 1) {
      const { page, ask, close } = await bench.visit(who[role])
      const view = async () => {
        await page.goto(`${bench.url}/console`, { waitUntil: 'commit' })
        return await ask('shown', awaited)
      }
      const first = await view()
      const paintedMs = await ask('paintedMs')
      const second = await view()
      await close()
      if (run === 0) continue
      cold.push(first)
      warm.push(second)
      painted.push(paintedMs)
    }
    measured.push({ what: `${name}, first visit`, tookMs: cold })
    measured.push({ what: `${name}, from the cache`, tookMs: warm })
    measured.push({ what: `${name}, first paint`, tookMs: painted })
  }
  return measured
}
