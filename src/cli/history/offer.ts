// The tollgate.yaml of a demo with a history: the built-in models with costs, so that reports have a margin to show.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const yaml = `# Written by tollgate demo --history, for the demo alone. Costs, the worth of a credit and the plan are examples.
reporting: { currency: USD, credit_value: 0.01, time_zone: UTC }
low_balance: 100
plans:
  studio: { price_times: { "*": 0.9 } }
models:
  seedance-2:
    name: Seedance 2.0
    defaults: { aspect_ratio: "16:9", resolution: 720p }
    price: { per_second: 10, times: { resolution: { 1080p: 1.5, 4k: 3 }, generate_audio: { true: 1.5 } } }
    routes:
      - upstream: keevx
        operation: image_to_video
        params: { model: V }
        cost: { per_second: 0.06, times: { resolution: { 1080p: 1.5, 4k: 3 } } }
      - { upstream: keevx, operation: image_to_video, params: { model: KL } }
  gpt-image-2:
    name: ChatGPT Image 2
    defaults: { aspect_ratio: "1:1", resolution: 2K }
    price: { credits: 15, times: { resolution: { 4K: 2 } } }
    routes:
      - upstream: keevx
        operation: image_generate
        params: { module: pro }
        cost: { amount: 0.08, times: { resolution: { 4K: 2 } } }
  nano-banana-2:
    name: Nano Banana 2
    defaults: { aspect_ratio: "1:1", resolution: 2K }
    price: { credits: 10, times: { resolution: { 4K: 2 } } }
    routes:
      - upstream: keevx
        operation: image_generate
        params: { module: std }
        cost: { amount: 0.05, times: { resolution: { 4K: 2 } } }
`

export const offerPlace = (folder: string): string => join(folder, 'tollgate.yaml')

/** One that is there already stays: somebody may have tried something with it. */
export function writeOffer(folder: string): string {
  const place = offerPlace(folder)
  mkdirSync(dirname(place), { recursive: true })
  if (!existsSync(place)) writeFileSync(place, yaml)
  return place
}
