// The page while it lives: what changes on it, and what does not, when the lane
// says something new, falls silent or comes back.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, panels, serve } from './browser.mjs';

let browser, server, page, faults;
before(async () => {
  server = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.stop();
});

async function open() {
  await page?.context().close();
  faults = [];
  page = await (await browser.newContext({ viewport: panels.portrait })).newPage();
  page.on('pageerror', (e) => faults.push(String(e)));
  page.on('console', (m) => m.type() === 'error' && faults.push(m.text()));
  await page.goto(server.url);
}

// stage sets what the lane shows and returns what has been touched since.
async function stage(scene) {
  const answer = await fetch(`${server.url}/stage`, { method: 'POST', body: JSON.stringify(scene) });
  return (await answer.json()) ?? [];
}

const basket = (lines, language = 'en') => ({ screen: 'basket', language, lines });

test('a new line touches one row', async () => {
  await stage(basket(3));
  await open();
  await page.locator('#line-3').waitFor();
  await page.evaluate(() => {
    globalThis.changed = new Set();
    globalThis.kept = document.getElementById('line-2');
    new MutationObserver((all) => {
      for (const m of all) for (const n of [m.target, ...m.addedNodes]) {
        const line = (n.nodeType === 1 ? n : n.parentElement)?.closest('.line');
        if (line) globalThis.changed.add(line.id);
      }
    }).observe(document.getElementById('basket'), { subtree: true, childList: true, characterData: true });
  });
  await stage(basket(4));
  await page.locator('#line-4.entering').waitFor();
  assert.deepEqual(await page.evaluate(() => [[...globalThis.changed], globalThis.kept.isConnected]), [['line-4'], true]);
  assert.equal(await page.locator('[data-total]').getAttribute('data-total'), '400');
  assert.equal(await page.locator('#lines > li').count(), 4);
});

test('names of strangers stay text', async () => {
  assert.equal(await page.locator('#lines b').count(), 0);
  assert.match(await page.locator('#line-1').innerText(), /<b>1<\/b>/);
});

test('focus and an open sheet survive news', async () => {
  await page.locator('#line-2 button').focus();
  await page.locator('#display summary').click();
  await page.locator('#line-2 button').focus();
  await stage(basket(5));
  await page.locator('#line-5').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.closest('.line')?.id), 'line-2');
  assert.equal(await page.evaluate(() => document.getElementById('display').open), true);
});

test('the page equals a fresh one after any sequence of news', async () => {
  let seed = 7;
  const random = (n) => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed % n; };
  const screens = ['basket', 'language', 'find', 'help', 'age', 'more-time', 'basket'];
  const languages = ['en', 'fr', 'ar', 'id'];
  const plain = (root) => root.evaluate((e) => {
    const copy = e.cloneNode(true);
    for (const n of copy.querySelectorAll('.entering, .pressed')) n.classList.remove('entering', 'pressed');
    for (const n of copy.querySelectorAll('details')) n.removeAttribute('open');
    for (const n of copy.querySelectorAll('.pager')) n.removeAttribute('hidden');
    return copy.outerHTML.replace(/\s+/g, ' ').replaceAll('> <', '><');
  });
  for (let i = 0; i < 15; i++) {
    let scene;
    for (let k = 0; k <= random(3); k++) {
      scene = { screen: screens[random(screens.length)], language: languages[random(4)], lines: random(9) };
      await stage(scene);
    }
    await page.waitForFunction(({ screen, language, lines }) => document.getElementById('main').dataset.screen === screen
      && document.documentElement.lang === language && document.querySelectorAll('.line').length === lines, scene);
    await page.waitForTimeout(50); // the last of two Views may show the same
    const fresh = await page.context().newPage();
    await fresh.goto(server.url);
    for (const id of ['top', 'main', 'basket', 'bar']) {
      assert.equal(await plain(page.locator(`#${id}`)), await plain(fresh.locator(`#${id}`)), `step ${i}, ${JSON.stringify(scene)}, #${id}`);
    }
    await fresh.close();
  }
});

test('a touch is felt at once and posted with its data', async () => {
  await stage(basket(2));
  await page.locator('#line-2').waitFor();
  await stage(basket(2));
  await page.route('**/act', async (route) => { await new Promise((r) => setTimeout(r, 400)); await route.continue(); });
  await page.locator('#line-1 button').click();
  assert.equal(await page.locator('#line-1 .pressed').count(), 1, 'pressed before the lane has answered');
  await page.waitForResponse('**/act');
  await page.unroute('**/act');
  assert.deepEqual(await stage(basket(2)), [{ Act: 'quantity', Line: 1, Code: '', Value: '' }]);
});

test('a basket longer than its place can be paged by touch', async () => {
  await stage(basket(40));
  await page.locator('#line-40').waitFor();
  const rows = page.locator('#rows');
  const before = await rows.evaluate((e) => e.scrollTop);
  await page.locator('[data-scroll="rows"][data-by="1"]').click();
  await page.waitForFunction((b) => document.getElementById('rows').scrollTop > b, before);
});

test('keys on the screen search, and the search outlives news', async () => {
  await stage({ screen: 'find', language: 'fr', lines: 1 });
  await page.locator('[data-type]').click();
  await page.locator('[data-key="t"]').click();
  await page.locator('[data-key="o"]').click();
  await page.waitForFunction(() => document.querySelector('.query input').value === 'to' && document.querySelector('.keys'));
  await stage({ screen: 'find', language: 'fr', lines: 2 });
  await page.locator('#line-2').waitFor();
  assert.equal(await page.locator('.query input').inputValue(), 'to');
});

test('silence covers the page, and it comes back by itself', async () => {
  await stage({ ...basket(1), silent: true });
  await page.locator('#lost:not([hidden])').waitFor({ timeout: 9000 });
  await stage(basket(2));
  await page.locator('#lost').waitFor({ state: 'hidden', timeout: 9000 });
  await page.locator('#line-2').waitFor();
});

test('no fault was reported on the way', () => {
  assert.deepEqual(faults.filter((f) => !f.includes('ERR_')), []);
});

test('without scripts the page works by forms', async () => {
  await stage(basket(2));
  const context = await browser.newContext({ viewport: panels.portrait, javaScriptEnabled: false });
  const still = await context.newPage();
  await still.goto(server.url);
  await still.locator('#line-2 button').click();
  assert.equal(new URL(still.url()).pathname, '/');
  assert.deepEqual(await stage(basket(2)), [{ Act: 'quantity', Line: 2, Code: '', Value: '' }]);
  await context.close();
});
