// The pages of a customer.
import { ErrorBoundary, Route, Router } from 'preact-iso'
import { useLive } from '../../api/live.ts'
import { words } from '../../language/language.ts'
import { base, to } from '../../place.ts'
import { session } from '../../session.ts'
import type { Command } from '../../shell/palette.tsx'
import { Shell } from '../../shell/shell.tsx'
import type { NavLink } from '../../shell/shell.tsx'
import { NotFound } from '../not-found.tsx'

import { Overview } from './overview/overview.tsx'
import { Playground } from './playground/playground.tsx'
import { Tasks } from './tasks/tasks.tsx'
import { Keys } from './keys/keys.tsx'
import { Billing } from './billing/billing.tsx'
import { Usage } from './usage/usage.tsx'
import { Webhooks } from './webhooks/webhooks.tsx'

function links(): NavLink[] {
  const text = words.value.links
  return [
    { text: text.overview, icon: 'overview', path: '/' },
    { text: text.playground, icon: 'playground', path: '/playground' },
    { text: text.tasks, icon: 'tasks', path: '/tasks' },
    { text: text.keys, icon: 'keys', path: '/keys' },
    { text: text.billing, icon: 'billing', path: '/billing' },
    { text: text.usage, icon: 'usage', path: '/usage' },
    { text: text.webhooks, icon: 'webhooks', path: '/webhooks' },
    { text: text.docs, icon: 'docs', path: 'docs' },
  ]
}

export function CustomerPages() {
  useLive('/console/api/v1/events')
  const who = session.value?.role === 'customer' ? session.value.account.name : ''
  const mayMake = session.value?.role === 'customer' && session.value.may.make_keys
  const steps: Command[] = [
    { text: words.value.overview.newTask, icon: 'playground', does: to('/playground') },
    ...(mayMake
      ? [{ text: words.value.keys.create, icon: 'keys' as const, does: to('/keys', { new: 'key' }) }]
      : []),
    { text: words.value.billing.redeem, icon: 'billing', does: to('/billing') },
  ]
  return (
    <Shell links={links()} who={who} steps={steps}>
      <ErrorBoundary>
        <Router>
          <Route path={base || '/'} component={Overview} />
          <Route path={`${base}/playground`} component={Playground} />
          <Route path={`${base}/tasks/:id?`} component={Tasks} />
          <Route path={`${base}/keys`} component={Keys} />
          <Route path={`${base}/billing`} component={Billing} />
          <Route path={`${base}/usage`} component={Usage} />
          <Route path={`${base}/webhooks`} component={Webhooks} />
          <Route default component={NotFound} />
        </Router>
      </ErrorBoundary>
    </Shell>
  )
}
