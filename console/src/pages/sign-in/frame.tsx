// The frame of what is shown before anybody is signed in.
import type { ComponentChildren } from 'preact'
import { Choices } from '../../shell/choices.tsx'
import { Footer, Logo, Notice } from '../../shell/marks.tsx'

export function Frame({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <div class="grid min-h-dvh grid-rows-[auto_1fr_auto]">
      <Notice />
      <main class="grid place-items-center px-4 py-10">
        <div class="grid w-full max-w-[380px] gap-6">
          <Logo large />
          <div class="grid gap-5 rounded-xl border border-line bg-panel p-6">
            <h1 class="text-xl font-semibold tracking-tight">{title}</h1>
            {children}
          </div>
          <Choices />
        </div>
      </main>
      <Footer />
    </div>
  )
}
