// The page of an e-receipt, on a whole lane and its store's whole hub: the code
// of a sale leads to it, before its row has come and after; in four languages
// without an axe violation and nothing cut off; a message goes to the desk, is
// answered in the console and rated.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { launch, root } from './browser.mjs';
import { build, clean, workbench } from './workbench.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
let made, bench, browser, hub, link;

const run = (program, args, input) => spawnSync(`${made.bin}/${program}`, args, { encoding: 'utf8', input });

before(async () => {
  made = build('receipt');
  bench = await workbench(made, { hub: true, args: ['--speed', '8'] });
  hub = bench.hub;
  const played = run('kassa-sim', ['play', `${root}/scripts/play/first-shop.txt`, '--dir', bench.dir, '--speed', '8', '--kassa', `${made.bin}/kassa`]);
  assert.equal(played.status, 0, played.stdout + played.stderr);
  link = (n) => {
    const asked = run('kassa', ['receipt', String(n), '--link', '--config', `${bench.dir}/kassa.toml`]);
    assert.equal(asked.status, 0, asked.stderr);
    return asked.stdout.trim();
  };
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await bench?.stop();
  clean(made);
});

// open opens a page on which nothing may go wrong unseen.
async function open(viewport, more = {}) {
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce', ...more });
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  page.faults = [];
  page.on('console', (m) => { if (m.type() === 'error') page.faults.push(m.text()); });
  page.on('pageerror', (e) => page.faults.push(String(e)));
  return page;
}

async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    for (const d of document.querySelectorAll('details')) d.open = true;
    const { violations } = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'] });
    const faults = violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 120)}`));
    if (document.documentElement.scrollWidth > innerWidth) faults.push(`scrolls sideways by ${document.documentElement.scrollWidth - innerWidth}`);
    return faults;
  });
}

test('a receipt in four languages, from 320 px', async () => {
  for (const [lang, dirOf] of [['en', 'ltr'], ['fr', 'ltr'], ['ar', 'rtl'], ['id', 'ltr']]) {
    for (const width of lang === 'ar' ? [320, 390, 1280] : [320]) {
      const page = await open({ width, height: 800 }, { bypassCSP: true });
      const got = await page.goto(`${link(1)}?lang=${lang}&topic=receipt`);
      assert.equal(got.status(), 200);
      assert.match(got.headers()['x-robots-tag'], /noindex/);
      assert.equal(await page.getAttribute('html', 'dir'), dirOf);
      assert.match(await page.textContent('.paper'), /0421-1-000001/);
      assert.match(await page.textContent('.paper'), /5[.,]26/);
      assert.deepEqual(await violations(page), [], `${lang} at ${width}`);
      if (process.env.KASSA_PICTURES && (width === 390 || lang !== 'ar')) await page.screenshot({ path: `${process.env.KASSA_PICTURES}/receipt-page-${lang}.png`, fullPage: true });
      await page.context().close();
    }
  }
});

test('a code before its sale has come, a guess, and the file', async () => {
  const page = await open({ width: 390, height: 800 }, { bypassCSP: true });
  const coming = await page.goto(`${link(2)}?lang=en`);
  assert.equal(coming.status(), 200);
  assert.ok(coming.headers().refresh);
  assert.match(await page.textContent('h1'), /on its way/);
  assert.deepEqual(await violations(page), []);
  const guess = await page.goto(`${link(1).slice(0, -1)}_?lang=ar`);
  assert.equal(guess.status(), 404);
  assert.doesNotMatch(await page.content(), /0421/);
  assert.deepEqual(await violations(page), []);
  const file = await fetch(`${link(1)}/receipt.pdf?lang=ar`);
  assert.equal(file.headers.get('content-type'), 'application/pdf');
  assert.ok((await file.arrayBuffer()).byteLength > 2000);
  await page.context().close();
});

test('a message is answered in the console, and rated', async () => {
  const shopper = await open({ width: 390, height: 844 });
  await shopper.goto(`${link(1)}?lang=fr`);
  await shopper.click('summary');
  await shopper.check('[name="reason"][value="after.price"]');
  await shopper.check('[name="line"][value="1"]');
  await shopper.fill('textarea', 'Le lait était moins cher au rayon.');
  await shopper.click('details button');
  await shopper.getByText('Votre message nous est parvenu.').waitFor();
  assert.equal(await shopper.locator('textarea').count(), 0);

  const staff = await open({ width: 1440, height: 900 }, { locale: 'en' });
  const code = run('kassa-hub', ['device', 'add', '--config', `${bench.dir}/kassa-hub.toml`]).stdout.trim();
  await staff.goto(hub);
  await staff.fill('#code', code);
  await staff.fill('#name', 'phone');
  await staff.click('button.primary');
  await staff.fill('#name', 'Amina');
  await staff.fill('#pin', '284915');
  await staff.click('button.primary');
  await staff.locator('.card').waitFor();
  const call = await staff.locator('.card').getAttribute('data-call');
  await staff.locator(`[data-call="${call}"] .claim:not([disabled])`).first().click();
  await staff.locator('.card .glance').click();
  await staff.getByText('Le lait était moins cher au rayon.').waitFor();
  if (process.env.KASSA_PICTURES) await staff.screenshot({ path: `${process.env.KASSA_PICTURES}/receipt-console.png` });
  await shopper.getByText("Voir s'il y a du nouveau").click();
  await shopper.getByText('Un collègue s\'en occupe.').waitFor();
  await staff.locator('.way[data-reason="refund"]').click();

  const answer = shopper.getByText("Vous êtes remboursé à l'accueil.");
  for (let i = 0; !await answer.isVisible(); i++) {
    assert.ok(i < 40, 'the answer did not come');
    await sleep(500);
    await shopper.reload();
  }
  if (process.env.KASSA_PICTURES) await shopper.screenshot({ path: `${process.env.KASSA_PICTURES}/receipt-answer.png`, fullPage: true });
  await shopper.check('[name="solved"][value="yes"]');
  await shopper.check('[name="rating"][value="3"]');
  await shopper.click('.message button');
  await shopper.getByText('Merci de nous l\'avoir dit.').waitFor();
  assert.deepEqual(shopper.faults, []);

  const report = run('kassa-hub', ['report', 'help', '--json', '--config', `${bench.dir}/kassa-hub.toml`]);
  assert.equal(report.status, 0, report.stderr);
  assert.match(report.stdout, /after\.price/);
  assert.match(report.stdout, /receipt-page/);
  await staff.context().close();
  await shopper.context().close();
});
