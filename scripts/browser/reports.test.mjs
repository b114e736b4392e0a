// The hub's report pages: each without an axe violation in daylight and at
// night, nothing cut off from 320 px up; rows that show as they arrive, and
// lead to their proof; right without scripts too.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { launch, root } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const reports = [
  'sales', 'articles', 'tenders', 'tax', 'payments', 'utilisation', 'service', 'interventions', 'losses', 'weights', 'weights-lanes',
  'help', 'funnel', 'overrides', 'devices', 'knowledge', 'ratings', 'latest',
];
const tables = new Set(['latest']); // without a plot
const pages = ['', ...reports, 'proof?store=0421&lane=2&number=5', 'sales?since=1999-01-01&until=1999-01-01'];

let browser, child, url;
before(async () => {
  child = spawn('go', ['run', './scripts/browser/reports'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const lines = createInterface({ input: child.stdout });
  url = await new Promise((found, failed) => {
    lines.once('line', found);
    child.once('exit', (code) => failed(new Error(`reports ended with ${code}`)));
  });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  if (child) process.kill(-child.pid, 'SIGTERM');
});

async function open(options, path) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(`${url}/reports/${path}`);
  return { context, page };
}

async function violations() {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const { violations } = await axe.run(document, { runOnly: tags, resultTypes: ['violations'] });
  return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 140)} ${n.any[0]?.message ?? n.all[0]?.message ?? ''}`));
}

for (const [name, options] of Object.entries({
  'day, desktop': { viewport: { width: 1440, height: 900 } },
  'night, phone': { viewport: { width: 320, height: 640 }, colorScheme: 'dark' },
})) {
  test(`axe and room: ${name}`, async () => {
    const faults = [];
    const { context, page } = await open({ ...options, bypassCSP: true, reducedMotion: 'reduce' }, '');
    for (const path of pages) {
      await page.goto(`${url}/reports/${path}`);
      await page.evaluate(axe);
      for (const fault of await page.evaluate(`(${violations})()`)) faults.push(`${path}: ${fault}`);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (over > 0) faults.push(`${path}: scrolls sideways by ${over}`);
    }
    await context.close();
    assert.deepEqual(faults, []);
  });
}

test('each has a plot, a table and how it counts', async () => {
  const { context, page } = await open({}, '');
  assert.deepEqual(await page.$$eval('dt a', (all) => all.map((a) => a.getAttribute('href').split('/').pop())), reports);
  for (const name of reports) {
    await page.goto(`${url}/reports/${name}`);
    assert.equal(await page.locator('figure svg[role=img]').count(), tables.has(name) ? 0 : 1, name);
    assert.ok(await page.locator('tbody tr').count() > 0, name);
    assert.ok((await page.locator('main').innerText()).length > 200, name);
    const csv = await (await fetch(`${url}/reports/${name}.csv`)).text();
    assert.equal(csv.trim().split('\n').length - 1, await page.locator('tbody tr').count(), name);
  }
  await context.close();
});

test('a transaction shows as it arrives, and is proved', async () => {
  const { context, page } = await open({}, 'latest');
  await page.getByText('Rows show as they arrive.').waitFor();
  const took = [];
  for (let i = 0; i < 3; i++) {
    const begin = performance.now();
    const number = (await (await fetch(`${url}/more`, { method: 'POST' })).text()).trim();
    const row = page.locator(`tr[data-key*="lane=1&number=${number}&"]`);
    await row.waitFor({ timeout: 5000 });
    took.push(Math.round(performance.now() - begin));
    await page.getByText('One more transaction.').waitFor();
    if (i < 2) continue;
    await row.getByRole('link', { name: 'verify' }).click();
    await page.getByText(/All \d+ rows hold/).waitFor();
  }
  console.log(`from the row's coming to its showing: ${took.join(', ')} ms, asked every 100 ms`);
  await context.close();
});

test('the newest are right without scripts', async () => {
  const { context, page } = await open({ javaScriptEnabled: false }, 'latest');
  assert.equal(await page.locator('tbody tr').count(), 50);
  await page.getByRole('link', { name: 'verify' }).first().click();
  assert.match(await page.locator('main').innerText(), /rows hold/);
  await context.close();
});
