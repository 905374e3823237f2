// The pages of an operator.
import { ErrorBoundary, Route, Router } from 'preact-iso'
import { useLive } from '../../api/live.ts'
import { useAnswer } from '../../api/queries.ts'
import { words } from '../../language/language.ts'
import { base } from '../../place.ts'
import { session } from '../../session.ts'
import { Shell } from '../../shell/shell.tsx'
import type { NavLink } from '../../shell/shell.tsx'
import { NotFound } from '../not-found.tsx'
import { AccountPage } from './accounts/account-page.tsx'
import { Accounts } from './accounts/accounts.tsx'
import { Alerts } from './alerts/alerts.tsx'
import { Audit } from './audit/audit.tsx'
import { Codes } from './codes/codes.tsx'
import { Find, useFound } from './find.tsx'
import { Models } from './models/models.tsx'
import { Reconcile } from './reconcile/reconcile.tsx'
import { Report } from './report/report.tsx'
import { System } from './system/system.tsx'
import { Tasks } from './tasks/tasks.tsx'
import { Today } from './today/today.tsx'
import { Upstream } from './upstream/upstream.tsx'

function links(open: number): NavLink[] {
  const text = words.value.links
  return [
    { text: text.today, icon: 'today', path: '/' },
    { text: text.tasks, icon: 'tasks', path: '/tasks' },
    { text: text.reconcile, icon: 'reconcile', path: '/reconcile', count: open },
    { text: text.accounts, icon: 'accounts', path: '/accounts' },
    { text: text.codes, icon: 'codes', path: '/codes' },
    { text: text.report, icon: 'report', path: '/report' },
    { text: text.models, icon: 'models', path: '/models' },
    { text: text.upstream, icon: 'upstream', path: '/upstream' },
    { text: text.alerts, icon: 'alerts', path: '/alerts' },
    { text: text.audit, icon: 'audit', path: '/audit' },
    { text: text.system, icon: 'system', path: '/system' },
    { text: text.docs, icon: 'docs', path: 'docs' },
  ]
}

const minuteMs = 60_000

export function OperatorPages() {
  useLive('/console/admin/v1/events')
  const { data } = useAnswer('/admin/v1/reconcile', { query: { limit: 100 } }, { everyMs: minuteMs })
  const who = session.value?.role === 'operator' ? session.value.operator.name : ''
  return (
    <Shell links={links(data?.items.length ?? 0)} who={who} above={<Find />} useFound={useFound}>
      <ErrorBoundary>
        <Router>
          <Route path={base || '/'} component={Today} />
          <Route path={`${base}/tasks/:id?`} component={Tasks} />
          <Route path={`${base}/reconcile`} component={Reconcile} />
          <Route path={`${base}/accounts`} component={Accounts} />
          <Route path={`${base}/accounts/:id`} component={AccountPage} />
          <Route path={`${base}/codes`} component={Codes} />
          <Route path={`${base}/report`} component={Report} />
          <Route path={`${base}/models`} component={Models} />
          <Route path={`${base}/upstream`} component={Upstream} />
          <Route path={`${base}/alerts`} component={Alerts} />
          <Route path={`${base}/audit`} component={Audit} />
          <Route path={`${base}/system`} component={System} />
          <Route default component={NotFound} />
        </Router>
      </ErrorBoundary>
    </Shell>
  )
}
