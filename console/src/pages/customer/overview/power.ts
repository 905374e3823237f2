// What a balance still buys: pictures and seconds of video at the lowest prices on sale.
import type { Answer } from '../../../api/client.ts'

type Model = Answer<'/api/v1/models'>['models'][number]

export interface Power {
  readonly images: number | null
  readonly videoSeconds: number | null
}

/** Factors may make some orders dearer, so the prices without any are what is compared. */
export function purchasingPower(balance: number, models: readonly Model[]): Power {
  const lowest = (prices: readonly (number | undefined)[]): number | null => {
    const known = prices.filter((price) => price !== undefined && price > 0) as number[]
    return known.length === 0 ? null : Math.min(...known)
  }
  const of = (kind: Model['task_type']) => models.filter((model) => model.task_type === kind)
  const image = lowest(of('image').map(({ price }) => price.credits))
  const second = lowest(of('video').map(({ price }) => price.per_second))
  return {
    images: image === null ? null : Math.max(0, Math.floor(balance / image)),
    videoSeconds: second === null ? null : Math.max(0, Math.floor(balance / second)),
  }
}
