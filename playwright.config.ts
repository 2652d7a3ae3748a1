import { defineConfig } from '@playwright/test';

/**
 * The end-to-end tests run against a whole Millrace that they start
 * themselves, in the Chromium of the machine (`npm run e2e` finds or installs
 * one and names it in MILLRACE_CHROMIUM).
 */
export default defineConfig({
  testDir: 'packages/app/e2e-tests',
  // The pictures of the docs are taken on demand, and then nothing else runs.
  testMatch: process.env.MILLRACE_SCREENSHOTS
    ? '**/screenshots.test.ts'
    : [
        '**/millrace.test.ts',
        '**/accessibility.test.ts',
        '**/browserSdk.test.ts',
        '**/firstEvent.test.ts',
        '**/evolution.test.ts',
      ],
  outputDir: 'e2e-test-report/results',
  // One installation per file; two files at once would starve two cores.
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 8 * 60_000,
  expect: { timeout: 60_000 },
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    // A click that waits for longer waits for something that is not there.
    actionTimeout: 60_000,
    viewport: { width: 1440, height: 900 },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.MILLRACE_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
