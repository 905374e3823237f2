// The console: who is signed in decides what it shows.
import { ErrorBoundary, lazy, LocationProvider } from 'preact-iso'
import { useEffect } from 'preact/hooks'
import { readBrand } from './brand.ts'
import { words } from './language/language.ts'
import { LinkPage } from './pages/sign-in/link-page.tsx'
import { SignIn } from './pages/sign-in/sign-in.tsx'
import { useSignal } from '@preact/signals'
import { Problem } from './parts/problem.tsx'
import { base } from './place.ts'
import { lastRole, resume, session } from './session.ts'

const pagesOf = {
  customer: async () => (await import('./pages/customer/pages.tsx')).CustomerPages,
  operator: async () => (await import('./pages/operator/pages.tsx')).OperatorPages,
} as const
const CustomerPages = lazy(pagesOf.customer)
const OperatorPages = lazy(pagesOf.operator)

// Who was signed in here last is so again, most times: the pages are loaded while the gateway says who it is.
const last = lastRole()
if (last) pagesOf[last]().catch(() => undefined)

export function App() {
  const failure = useSignal<unknown>(null)
  const begin = () => {
    failure.value = null
    resume().catch((error: unknown) => {
      failure.value = error
    })
  }
  useEffect(() => {
    // A page without its brand is still of use.
    readBrand().catch(() => undefined)
    begin()
  }, [])
  return (
    <LocationProvider scope={base}>
      {failure.value ? (
        <main class="mx-auto max-w-md p-8">
          <Problem error={failure.value} again={begin} />
        </main>
      ) : (
        <Door />
      )}
    </LocationProvider>
  )
}

const linkIn = (hash: string): string | null => /^#\/link\/([\w-]+)$/.exec(hash)?.[1] ?? null

function Door() {
  const link = useSignal(linkIn(location.hash))
  const leave = () => {
    // The token is out of the address and of the history at once.
    history.replaceState(null, '', location.pathname + location.search)
    link.value = null
  }
  if (link.value !== null) return <LinkPage token={link.value} onDone={leave} />
  if (session.value === undefined) return <p class="sr-only">{words.value.loading}</p>
  if (session.value === null) return <SignIn />
  return (
    <ErrorBoundary>{session.value.role === 'customer' ? <CustomerPages /> : <OperatorPages />}</ErrorBoundary>
  )
}
