// Requires that each link within the site that names a place on a page names one that is there. VitePress only looks whether
// there is such a page.

import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { address, pages } from './pages.mjs'

const site = fileURLToPath(new URL('../target/site', import.meta.url))
const base = process.env.SHM4J_SITE_BASE ?? '/'
const read = new Map()

function html(file) {
  if (!read.has(file)) {
    read.set(file, readFileSync(file, 'utf8'))
  }
  return read.get(file)
}

const broken = []
let links = 0
for (const page of pages) {
  const file = path.join(site, address(page).replace(/\.md$/, '.html'))
  for (const [, href] of html(file).matchAll(/<a [^>]*?href="([^"]*#[^"]+)"/g)) {
    if (/^[a-z]+:/.test(href)) {
      continue
    }
    const [to, hash] = href.split('#', 2)
    const target = to === '' ? file : path.join(site, to.slice(base.length).replace(/(^|\/)$/, '$1index.html'))
    links++
    if (!html(target).includes(` id="${decodeURIComponent(hash)}"`)) {
      broken.push(`${page} links to ${decodeURI(href)}`)
    }
  }
}
if (links < 100) {
  broken.push(`only ${links} links have been found`)
}
if (broken.length > 0) {
  console.error('places that are not there:\n  ' + broken.join('\n  '))
  process.exit(1)
}
