// The pages of the site, in the order of its navigation, as they lie in the repository. A page of docs, course or demos that
// is not here fails the build. Links to other pages lead to the repository.

export const repository = 'https://github.com/shm4j/shm4j'

export const groups = [
  {
    text: 'Use it',
    short: 'Use',
    pages: [
      ['README.md', 'Overview'],
      ['docs/tutorial.md', 'Tutorial'],
      ['docs/how-to.md', 'How do I …?'],
      ['docs/command-line.md', 'The command line'],
      ['docs/pitfalls.md', 'Pitfalls'],
      ['docs/glossary.md', 'Glossary'],
      ['docs/explanation.md', 'How the binding works'],
      ['docs/compared.md', 'Compared with others'],
      ['docs/benchmarks.md', 'Benchmarks'],
      ['peers/README.md', 'C, C++ and Python'],
      ['relay/README.md', 'The relay'],
      ['CHANGELOG.md', 'Changes'],
      ['SECURITY.md', 'Security'],
    ],
  },
  {
    text: 'See it',
    short: 'See',
    pages: [
      ['demos/README.md', 'Demonstrations'],
      ['demos/painting/README.md', 'Painting'],
      ['demos/screen/README.md', 'Screen'],
      ['demos/founder/README.md', 'Founder'],
      ['demos/publish/README.md', 'Publish'],
    ],
  },
  {
    text: 'Learn from it',
    short: 'Learn',
    pages: [
      ['course/README.md', 'The course'],
      ['course/00-start/README.md', '0 Start'],
      ['course/01-bounds/README.md', '1 Three bounds'],
      ['course/02-arenas/README.md', '2 Arenas'],
      ['course/03-calling-c/README.md', '3 Calling C'],
      ['course/04-errno/README.md', '4 When C says no'],
      ['course/05-pointers/README.md', '5 A pointer comes back'],
      ['course/06-structs/README.md', '6 Structs'],
      ['course/07-bytes/README.md', '7 Bytes of others'],
      ['course/08-two-processes/README.md', '8 Two processes'],
      ['course/09-odd-calls/README.md', '9 Odd calls'],
      ['course/10-flags/README.md', '10 Flags of the JVM'],
      ['course/11-jextract/README.md', '11 jextract'],
      ['course/12-after-you/README.md', '12 After you are gone'],
      ['course/13-capstone/README.md', '13 Capstone'],
      ['course/TEACHING.md', 'For teachers'],
    ],
  },
  {
    text: 'Work on it',
    short: 'Work on it',
    pages: [
      ['CONTRIBUTING.md', 'Build, test, rules'],
      ['docs/ring-protocol.md', 'The rings'],
      ['docs/lock-protocol.md', 'The lock'],
      ['docs/latest-value-protocol.md', 'The latest value'],
      ['docs/broadcast-protocol.md', 'The broadcast ring'],
      ['docs/conformance.md', 'Conformance'],
      ['docs/simulator.md', 'The simulator'],
      ['docs/architectures.md', 'Where it was run'],
      ['benchmarks/README.md', 'Running the benchmarks'],
      ['native-headers/README.md', 'Native headers'],
      ['RELEASING.md', 'How a release is made'],
    ],
  },
]

/** The groups that are shown beside each of their pages. */
export const sidebars = [groups.slice(0, 2), groups.slice(2, 3), groups.slice(3)]

/** Where a page of the repository is on the site: a directory's README is the directory. */
export function address(file) {
  if (file === 'README.md') {
    return 'overview.md'
  }
  return file.replace(/(^|\/)README\.md$/, '$1index.md')
}

/** The path of a page on the site. */
export function route(file) {
  return '/' + address(file).replace(/index\.md$/, '').replace(/\.md$/, '')
}

/** For whom the site is, on its first page. */
export const audiences = [
  {
    title: 'You want to use it',
    details: 'The first program, one page for each task, the command line, and what goes wrong with shared memory.',
    link: '/overview',
    linkText: 'Overview',
  },
  {
    title: 'You want to learn',
    details: 'Lessons with checked exercises, in which you bind shared memory yourself, with the JDK alone.',
    link: '/course/',
    linkText: 'The course',
  },
  {
    title: 'You want to work on it',
    details: 'How it is built and proved, and the protocol of each structure, field by field.',
    link: '/CONTRIBUTING',
    linkText: 'Build, test, rules',
  },
]

export const pages = groups.flatMap((group) => group.pages.map(([file]) => file))

/** What the navigation calls a page. Two pages may have the same heading, and two readers' tabs must not have the same title. */
export const titles = new Map(groups.flatMap((group) => group.pages.map(([file, text]) => [address(file), text])))
