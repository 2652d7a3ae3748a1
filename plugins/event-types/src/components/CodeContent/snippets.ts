/** A workflow of GitHub Actions that checks a declaration with each change. */
export function lintWorkflow(path: string): string {
  return `# .github/workflows/event-types.yaml
name: Event types
on:
  pull_request:
    paths:
      - ${path}
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - uses: actions/setup-node@v4
        with:
          node-version: 24
      - run: npx millrace lint ${path} --against origin/\${{ github.base_ref }} --format github
`;
}

/** The location by which the catalog reads a file. */
export function catalogLocation(path: string): string {
  return `catalog:
  locations:
    - type: url
      # The address of the file in your repository.
      target: https://github.com/<organisation>/<repository>/blob/main/${path}
      rules:
        - allow: [EventType]
`;
}
