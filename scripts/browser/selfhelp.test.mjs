// Self-help on a real lane: its button on every screen, the three articles that
// fit the moment, a search in the shopper's language, what can be done there and
// then, and a person one touch away all the while. What is urgent skips it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, panels } from './browser.mjs';
import { build, clean, workbench } from './workbench.mjs';

let made, bench, browser, page;
const act = (line) => bench.act(line);

before(async () => {
  made = build('selfhelp');
  bench = await workbench(made);
  browser = await launch();
  page = await (await browser.newContext({ viewport: panels.portrait, reducedMotion: 'reduce' })).newPage();
  page.setDefaultTimeout(15000);
  await page.goto(bench.lane);
});

after(async () => {
  await browser?.close();
  await bench?.stop();
  clean(made);
});

const screen = (name) => page.locator(`main[data-screen="${name}"]`).waitFor();
const touch = (name, value) => page.locator(`[data-act="${name}"]${value === undefined ? '' : `[data-value="${value}"]`}`).first().click();
const topics = () => page.locator('#topics [data-act="article"]').evaluateAll((all) => all.map((a) => a.dataset.value));

// offered holds that help and a person are in reach of a finger on this screen.
async function offered(name) {
  await screen(name);
  const help = page.locator('header [data-act="help"]');
  const person = page.locator('header [data-act="call"]');
  assert.ok(await help.isVisible(), `${name}: no help`);
  assert.ok(await person.isVisible(), `${name}: no person`);
  for (const b of [help, person]) {
    const box = await b.boundingBox();
    assert.ok(box.height >= 60 && box.width >= 60, `${name}: ${JSON.stringify(box)} is small`);
  }
}

// opened goes into self-help, holds that it fits, and comes back.
async function opened(from, fits) {
  await touch('help');
  await screen('help');
  const shown = await topics();
  assert.equal(shown.length, 3, `${from}: ${shown}`);
  if (fits) assert.ok(shown.includes(fits), `${from}: ${shown}, want ${fits}`);
  assert.ok(await page.locator('header [data-act="call"]').isVisible(), `${from}: no person beside the articles`);
  return shown;
}

test('help and a person on every screen, and articles that fit it', { timeout: 120000 }, async () => {
  await screen('start');
  await touch('language', 'en');
  await offered('bags');
  await touch('bags', '0');
  await offered('basket');
  await opened('basket');
  await touch('back');
  await act('scan 9521234001010');
  await act('put bag 9521234001010');
  await page.locator('[data-total="129"]').waitFor();
  await touch('find');
  await offered('find');
  await opened('find', 'find');
  await touch('back');
  await screen('find'); // where she was
  await page.locator('[data-code="4011"]').first().click();
  await offered('weigh');
  await opened('weigh', 'weigh');
  await touch('back');
  await screen('weigh');
  await act('put scale 4011 735g');
  await page.locator('[data-total="261"]').waitFor();
  await act('put bag 4011');
  await page.locator('[data-gtin$="9521234001010"] button').click();
  await offered('quantity');
  await touch('back');
  await screen('basket');
  await touch('pay');
  await offered('tender');
  await opened('tender', 'card');
  await touch('back');
});

for (const [lang, text, article] of [['ar', 'الوزن', 'weigh'], ['fr', 'prix', 'price'], ['id', 'harga', 'price']]) {
  test(`a search in ${lang}`, { timeout: 60000 }, async () => {
    await page.locator('header [data-act="language"]').click();
    await touch('language', lang);
    await page.locator(`html[lang="${lang}"]`).waitFor();
    await touch('help');
    await screen('help');
    await page.fill('#topics [name="q"]', text);
    await page.locator(`#topics [data-act="article"][data-value="${article}"]`).waitFor();
    await page.locator(`#topics [data-act="article"][data-value="${article}"]`).click();
    await page.locator('#topics ol li, #topics ul li').first().waitFor();
    const steps = await page.locator('#topics ol li, #topics ul li').count();
    assert.ok(steps >= 2, `${article} has ${steps} steps in ${lang}`);
    await page.locator('#topics a[data-load="/help"]').click();
    await page.fill('#topics [name="q"]', 'zzzqqq');
    await page.locator('[data-nothing]').waitFor();
    await page.locator('header [data-act="call"]').waitFor();
    await touch('back');
  });
}

test('what an article says is done there and then', { timeout: 60000 }, async () => {
  await page.locator('header [data-act="language"]').click();
  await touch('language', 'en');
  await page.locator('html[lang="en"]').waitFor();
  await touch('help');
  await screen('help');
  const doing = page.locator('#topics [data-act="find"], #topics [data-act="own-bag"], #topics [data-act="keep"]');
  for (const id of await topics()) {
    await page.locator(`#topics [data-act="article"][data-value="${id}"]`).click();
    await page.locator('#topics ol li, #topics ul li').first().waitFor();
    if (await doing.first().isVisible().catch(() => false)) break;
    await page.locator('#topics a[data-load="/help"]').click();
  }
  if (process.env.KASSA_PICTURES) await page.screenshot({ path: `${process.env.KASSA_PICTURES}/selfhelp.png` });
  const what = await doing.first().getAttribute('data-act');
  await doing.first().click();
  if (what === 'find') await screen('find');
  else await page.locator('main:not([data-screen="help"])').waitFor();
});

test('what is urgent skips the articles', { timeout: 60000 }, async () => {
  await page.locator('[data-act="back"]').first().click({ timeout: 1000 }).catch(() => {});
  await act('scan 9521234003052');
  await page.locator('[data-hint="age"]').waitFor();
  await act('put bag 9521234003052');
  await page.locator('[data-total="388"]').waitFor();
  await touch('pay');
  await screen('age');
  await touch('help');
  await page.locator('.called[data-call]').waitFor();
  assert.equal(await page.locator('main[data-screen="help"]').count(), 0);
});
