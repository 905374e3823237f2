// How long an order counts as being posted by the process that claimed it.
import type { Upstream } from '../../context.ts'

/** How long past the deadline of its call a submission still counts as being posted. */
const leaseSlackMs = 15_000

export const submitLeaseMs = ({ settings }: Upstream): number => settings.submit.timeoutMs + leaseSlackMs
