// The customers of a history: invented, with names that name nobody.

/** When its people work. */
export type Hours = 'office' | 'shop' | 'evening'

export interface Part {
  readonly name: string
  /** Orders of a working day at the end of the history; it begins with fewer. */
  readonly ordersPerDay: number
  /** Of its orders, those of videos. */
  readonly videoShare: number
  readonly hours: Hours
  /** When it comes, as a share of the history. */
  readonly comesAt: number
  /** Credits that it buys at a time. */
  readonly pack: number
  /** By the operator's hand, or with a redemption code. */
  readonly pays: 'invoice' | 'code'
  readonly language: 'en' | 'zh'
  readonly plan?: string
  /** What its webhook answers. */
  readonly webhook?: 'well' | 'now and then'
}

const usual = { comesAt: 0, pays: 'invoice', language: 'en' } as const

export const cast: readonly Part[] = [
  {
    ...usual,
    name: 'Studio A',
    ordersPerDay: 36,
    videoShare: 0.3,
    hours: 'office',
    pack: 10_000,
    plan: 'studio',
    webhook: 'well',
  },
  {
    ...usual,
    name: 'shop-north',
    ordersPerDay: 26,
    videoShare: 0.04,
    hours: 'shop',
    pack: 5_000,
    plan: 'studio',
    webhook: 'well',
  },
  {
    ...usual,
    name: 'ad-team-east',
    ordersPerDay: 19,
    videoShare: 0.45,
    hours: 'office',
    pack: 10_000,
    language: 'zh',
  },
  {
    ...usual,
    name: 'poster-lab',
    ordersPerDay: 15,
    videoShare: 0,
    hours: 'evening',
    pack: 2_000,
    comesAt: 0.08,
  },
  {
    ...usual,
    name: 'Studio B',
    ordersPerDay: 12,
    videoShare: 0.2,
    hours: 'office',
    pack: 2_000,
    comesAt: 0.15,
    webhook: 'now and then',
  },
  {
    ...usual,
    name: 'menu-cards',
    ordersPerDay: 9,
    videoShare: 0.02,
    hours: 'shop',
    pack: 1_000,
    comesAt: 0.1,
    language: 'zh',
  },
  {
    ...usual,
    name: 'pixel-garden',
    ordersPerDay: 8,
    videoShare: 0.15,
    hours: 'evening',
    pack: 1_000,
    comesAt: 0.3,
    pays: 'code',
  },
  {
    ...usual,
    name: 'classroom-7',
    ordersPerDay: 7,
    videoShare: 0.05,
    hours: 'office',
    pack: 500,
    comesAt: 0.2,
    pays: 'code',
  },
  {
    ...usual,
    name: 'travel-notes',
    ordersPerDay: 5,
    videoShare: 0.35,
    hours: 'evening',
    pack: 1_000,
    comesAt: 0.4,
  },
  {
    ...usual,
    name: 'shop-south',
    ordersPerDay: 5,
    videoShare: 0,
    hours: 'shop',
    pack: 500,
    comesAt: 0.55,
    language: 'zh',
  },
  {
    ...usual,
    name: 'weekend-maker',
    ordersPerDay: 3,
    videoShare: 0.1,
    hours: 'evening',
    pack: 200,
    comesAt: 0.35,
    pays: 'code',
  },
  {
    ...usual,
    name: 'trial-42',
    ordersPerDay: 2,
    videoShare: 0,
    hours: 'evening',
    pack: 200,
    comesAt: 0.7,
    pays: 'code',
  },
]

/** The account that the demo signs in as. */
export const featured = 'Studio A'
