// Starts Chromium and programs for the tests.
import { chromium } from 'playwright-core';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

// launch starts the browser as a lane does: no first run, no background calls.
export function launch(more = []) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync', ...more,
    ],
  });
}

// panels are the screens lanes are built with.
export const panels = {
  portrait: { width: 1080, height: 1920 },
  landscape: { width: 1920, height: 1080 },
  small: { width: 1024, height: 600 },
};

// serve starts the page without a lane and returns its address and a stop.
export async function serve(env = {}) {
  const child = spawn('go', ['run', './scripts/browser/serve'], {
    cwd: root, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env }, detached: true,
  });
  const lines = createInterface({ input: child.stdout });
  const first = await new Promise((found, failed) => {
    lines.once('line', found);
    child.once('exit', (code) => failed(new Error(`serve ended with ${code}`)));
  });
  return { url: first, stop: () => process.kill(-child.pid, 'SIGTERM') };
}
