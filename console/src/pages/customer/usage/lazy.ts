// Loads the library that draws charts when one is first shown.
import { lazy } from 'preact-iso'

export const DaysByModel = lazy(async () => (await import('./days-by-model.tsx')).DaysByModel)
