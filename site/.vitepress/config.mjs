import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'
import { repositoryLinks, slugify } from '../links.mjs'
import { address, groups, pages, repository, route, sidebars, titles } from '../pages.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
// Two processes, one block.
const icon = 'data:image/svg+xml,' + encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#0d7385" d="M0 2h6v12H0zM10 2h6v12h-6z"/>'
  + '<path fill="#e76f51" d="M4 6h8v4H4z"/></svg>')
const base = process.env.SHM4J_SITE_BASE ?? '/'

// Where each page of the site comes from.
const sources = { 'index.md': 'site/index.md' }
for (const page of pages) {
  sources[address(page)] = page
}

const sidebar = {}
for (const shown of sidebars) {
  const items = shown.map((group) => ({
    text: group.text,
    items: group.pages.map(([file, text]) => ({ text, link: route(file) })),
  }))
  for (const group of shown) {
    for (const [file] of group.pages) {
      sidebar[route(file)] = items
    }
  }
}

// One entry for each group, which leads to its first page and is marked on all of them.
const nav = groups.map((group) => ({
  text: group.short,
  link: route(group.pages[0][0]),
  activeMatch: `^(?:${group.pages.map(([file]) => route(file)).join('|')})(?:index)?(?:\\.html)?$`,
}))

export default defineConfig({
  title: 'shm4j',
  description: 'System V shared memory for Java, through the Foreign Function & Memory API',
  lang: 'en',
  base,
  srcDir: '.pages',
  outDir: path.join(root, 'target/site'),
  cacheDir: path.join(root, 'target/site-cache'),
  head: [['link', { rel: 'icon', href: icon }]],
  cleanUrls: false,
  lastUpdated: false,
  metaChunk: true,
  transformPageData: (page) => titles.has(page.relativePath) ? { title: titles.get(page.relativePath) } : undefined,
  markdown: {
    anchor: { slugify },
    toc: { slugify },
    languageAlias: { jshell: 'java' },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config: (markdown) => repositoryLinks(markdown, root, (page) => sources[page]),
  },
  themeConfig: {
    nav: [...nav, { text: 'Javadoc', link: '/api/index.html', target: '_self' }],
    sidebar,
    outline: { level: [2, 3], label: 'On this page' },
    search: { provider: 'local', options: { detailedView: true } },
    socialLinks: [{ icon: 'github', link: repository, ariaLabel: 'The repository' }],
    footer: { message: 'Apache License 2.0' },
  },
})
