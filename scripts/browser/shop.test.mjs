// A whole trip on a whole lane, in each language, as a shopper sees it: the
// workbench plays the wires, Chromium is the screen, and fingers touch only what
// is drawn there.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, panels } from './browser.mjs';
import { build, clean, workbench } from './workbench.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const speed = '8';
let made, bench, page, browser, url;

before(async () => {
  made = build('shop');
  bench = await workbench(made, { args: ['--speed', speed] });
  url = bench.lane;
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await bench?.stop();
  clean(made);
});

// wire plays acts on the devices: scan, put, card, badge.
function wire(...acts) {
  const script = join(made.dir, 'acts.txt');
  writeFileSync(script, `${acts.join('\n')}\n`);
  const played = spawnSync(`${made.bin}/kassa-sim`, [
    'play', script, '--dir', bench.dir, '--speed', speed, '--kassa', `${made.bin}/kassa`,
  ], { encoding: 'utf8' });
  assert.equal(played.status, 0, played.stdout + played.stderr);
}

const screen = (name) => page.locator(`main[data-screen="${name}"]`).waitFor({ timeout: 20000 });
const touch = (act, value) => page.locator(`[data-act="${act}"]${value === undefined ? '' : `[data-value="${value}"]`}`).first().click();
const total = (minor) => page.locator(`[data-total="${minor}"]`).waitFor({ timeout: 20000 });
const gone = (locator) => page.locator(locator).waitFor({ state: 'detached', timeout: 20000 });

// faultless asks axe about the live screen.
async function faultless(where) {
  const found = await page.evaluate(async () => {
    const { violations } = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] });
    return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 140)}`));
  });
  assert.deepEqual(found, [], where);
}

for (const [language, names] of Object.entries({
  en: { dir: 'ltr', milk: 'Hillside milk', paid: 'Paid' },
  fr: { dir: 'ltr', milk: 'Lait du coteau', paid: 'payé' },
  ar: { dir: 'rtl', milk: 'حليب التلال', paid: 'تم الدفع' },
  id: { dir: 'ltr', milk: 'Susu Bukit', paid: 'dibayar' },
})) {
  test(`a trip in ${language}`, { timeout: 240000 }, async () => {
    const context = await browser.newContext({ viewport: panels.portrait, bypassCSP: true, reducedMotion: 'reduce' });
    page = await context.newPage();
    const faults = [];
    page.on('pageerror', (e) => faults.push(String(e)));
    await page.addInitScript({ content: axe });
    await page.goto(url);

    await screen('start');
    await faultless('start');
    await touch('language', language);
    await screen('bags');
    assert.equal(await page.evaluate(() => `${document.documentElement.lang} ${document.documentElement.dir}`), `${language} ${names.dir}`);
    await faultless('bags');
    await touch('bags', '0');
    await screen('basket');

    wire('scan 9521234001010', 'put bag 9521234001010');
    await total(129);
    assert.match(await page.locator('[data-gtin$="9521234001010"]').innerText(), new RegExp(names.milk));
    await faultless('basket');

    await touch('find');
    await screen('find');
    await faultless('find');
    await page.locator('[data-code="4011"]').first().click();
    await screen('weigh');
    await faultless('weigh');
    wire('put scale 4011 735g');
    await screen('basket');
    await total(261);
    wire('put bag 4011');

    wire('scan 9521234003052', 'put bag 9521234003052');
    await page.locator('[data-hint="age"]').waitFor();
    await total(388);
    await gone('[data-hint="too-much"]');

    // A look at the milk's own page, and back again.
    await page.locator('[data-gtin$="9521234001010"] button').click();
    await screen('quantity');
    await faultless('quantity');
    await touch('back');
    await screen('basket');

    await touch('pay');
    await screen('age');
    await faultless('age');
    wire('badge KS-STAFF-70411-Y');
    await screen('staff');
    await faultless('staff');
    await touch('staff', 'age-ok');
    await screen('tender');
    await faultless('tender');
    await touch('tender', 'card');
    await screen('paying');
    await faultless('paying');
    wire('card tap');
    await screen('receipt');
    assert.match(await page.locator('main').innerText(), new RegExp(names.paid));
    await faultless('receipt');
    await touch('receipt', 'none');
    await screen('thanks');
    await faultless('thanks');
    await touch('rate', '3');
    wire('take bag all');
    await screen('start');
    assert.deepEqual(faults, []);
    await context.close();
  });
}

for (const [language, code] of Object.entries({ en: 'KS-VOUCHER-DEMO100A-H', ar: 'KS-VOUCHER-DEMO100B-F' })) {
  test(`a gift card and a card in ${language}`, { timeout: 120000 }, async () => {
    const context = await browser.newContext({ viewport: panels.portrait, bypassCSP: true, reducedMotion: 'reduce' });
    page = await context.newPage();
    await page.addInitScript({ content: axe });
    await page.goto(url);
    await screen('start');
    await touch('language', language);
    await touch('bags', '0');
    wire('scan 9521234001010', 'put bag 9521234001010');
    await total(129);
    wire(`scan ${code}`);
    await page.locator('[data-hint="voucher"]').waitFor();
    await faultless('basket with a gift card');
    await touch('pay');
    await screen('tender');
    await faultless('tender with a gift card');
    await touch('tender', 'voucher');
    await page.locator('[data-part="voucher"][data-amount="100"]').waitFor();
    await faultless('tender with a part paid');
    await page.reload(); // what is paid stays on the page
    await page.locator('[data-part="voucher"][data-amount="100"]').waitFor();
    await touch('tender', 'card');
    await screen('paying');
    wire('card tap');
    await screen('receipt');
    await touch('receipt', 'none');
    wire('take bag all');
    await screen('start');
    await context.close();
  });
}
