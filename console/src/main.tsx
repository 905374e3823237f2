// Begins the console.
import { render } from 'preact'
import { App } from './app.tsx'
import './look/look.css'

const place = document.getElementById('console')
if (place) render(<App />, place)
