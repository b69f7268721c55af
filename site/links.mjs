// The rule by which links that are good in the repository are good on the site: those to pages stay, those to other files
// and directories lead to the repository.

import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { address, pages, repository } from './pages.mjs'

/** The file or directory of the repository that a link on a page names, and the part behind `#`. */
function target(root, page, href) {
  const [file, hash] = href.split('#', 2)
  return [path.posix.normalize(path.posix.join(path.posix.dirname(page), decodeURI(file))), hash]
}

export function rewrite(root, page, href) {
  if (/^(?:[a-z]+:|\/|#)/.test(href)) {
    return href
  }
  const [file, hash] = target(root, page, href)
  const anchor = hash === undefined ? '' : '#' + hash
  const readme = path.posix.join(file, 'README.md')
  const named = pages.includes(file) ? file : pages.includes(readme) ? readme : null
  if (named !== null) {
    return '/' + address(named) + anchor
  }
  const there = path.join(root, file)
  if (file.startsWith('..') || !existsSync(there)) {
    throw new Error(`${page} links to ${href}, which is not there`)
  }
  return `${repository}/${statSync(there).isDirectory() ? 'tree' : 'blob'}/main/${file.replace(/\/$/, '')}${anchor}`
}

/**
 * A picture for the light and one for the dark, of which the system's setting chooses on GitHub. Here the reader can choose,
 * so it is for the style sheet to show one.
 */
function pictures(html) {
  return html.replace(
    /<picture>\s*<source media="\(prefers-color-scheme: dark\)" srcset="([^"]+)">\s*<img ([^>]*)src="([^"]+)"([^>]*)>\s*<\/picture>/g,
    (_, dark, before, light, after) =>
      `<img class="light-only" loading="lazy" ${before}src="./${light}"${after}>`
      + `<img class="dark-only" loading="lazy" ${before}src="./${dark}"${after}>`,
  )
}

/** The plugin of markdown-it. */
export function repositoryLinks(markdown, root, sourceOf) {
  markdown.core.ruler.push('repository-links', (state) => {
    const page = sourceOf(state.env.relativePath)
    if (page === undefined) {
      return
    }
    for (const block of state.tokens) {
      if (block.type === 'html_block') {
        block.content = pictures(block.content)
      } else if (block.type === 'fence') {
        // What comes behind the language is for the tests: it would mark lines here.
        block.info = block.info.trim().split(' ')[0]
      }
      for (const token of block.children ?? []) {
        if (token.type === 'link_open') {
          token.attrSet('href', rewrite(root, page, token.attrGet('href')))
        }
      }
    }
  })
}

/** GitHub's anchors, which the links within and between pages mean. */
export function slugify(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\p{Pc}\- ]/gu, '')
    .replace(/ /g, '-')
}
