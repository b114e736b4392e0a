// The attendants' page: every state in every language and theme without an axe
// violation, nothing cut off from 320 px up; and two people at work on it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { launch, root } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const screens = { narrow: { width: 320, height: 640 }, phone: { width: 390, height: 844 }, tablet: { width: 900, height: 1200 }, desktop: { width: 1440, height: 900 } };
const pin = '428197';

let browser, child, url, codes, book;
before(async () => {
  child = spawn('go', ['run', './scripts/browser/console'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, DIGITS: 'arab' }, detached: true });
  const lines = createInterface({ input: child.stdout });
  const first = await new Promise((found, failed) => {
    lines.once('line', found);
    child.once('exit', (code) => failed(new Error(`console ended with ${code}`)));
  });
  [url, ...codes] = first.split(' ');
  browser = await launch();
  book = await (await fetch(`${url}/storybook`)).json();
});
after(async () => {
  await browser?.close();
  if (child) process.kill(-child.pid, 'SIGTERM');
});

// each shows every story at one size and calls the page's function look on it.
async function each(size, lang, theme, look, scripts = []) {
  const context = await browser.newContext({ viewport: screens[size], bypassCSP: true, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const faults = [];
  for (const story of book.stories) {
    await page.goto(`${url}/storybook/${story}?lang=${lang}&theme=${theme}`);
    for (const content of scripts) await page.evaluate(content);
    for (const fault of await page.evaluate(`(${look})()`)) faults.push(`${story}: ${fault}`);
  }
  await context.close();
  return faults;
}

async function violations() {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const { violations } = await axe.run(document, { runOnly: tags, resultTypes: ['violations'] });
  return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 140)} ${n.any[0]?.message ?? n.all[0]?.message ?? ''}`));
}

// cramped lists what is cut off or too small to touch.
function cramped() {
  const faults = [];
  const name = (e) => `${e.tagName.toLowerCase()}.${[...e.classList].join('.')} "${e.textContent.trim().slice(0, 40)}"`;
  if (document.documentElement.scrollWidth > innerWidth) faults.push(`scrolls sideways by ${document.documentElement.scrollWidth - innerWidth}`);
  for (const d of document.querySelectorAll('details')) d.open = true;
  for (const e of document.querySelectorAll('body *:not(svg *):not(.unseen):not(.skip)')) {
    const s = getComputedStyle(e);
    const r = e.getBoundingClientRect();
    if (s.display === 'none' || s.visibility === 'hidden' || r.width <= 1 || e.closest('.unseen, .floor')) continue;
    if (r.left < -1 || r.right > innerWidth + 1) faults.push(`off the screen: ${name(e)}`);
    if (e.scrollWidth > e.clientWidth + 2 && e.clientWidth > 0 && s.display !== 'inline' && !e.matches('input, select')) faults.push(`too wide by ${e.scrollWidth - e.clientWidth}: ${name(e)}`);
    if (e.matches('button, a, summary, input, select') && (r.width < 44 || r.height < 44)) faults.push(`small target ${Math.round(r.width)}x${Math.round(r.height)}: ${name(e)}`);
  }
  return faults;
}

for (const lang of ['en', 'fr', 'ar', 'id']) {
  for (const theme of ['day', 'night']) {
    test(`axe: ${lang}, ${theme}`, async () => assert.deepEqual(await each('phone', lang, theme, violations, [axe]), []));
  }
}
test('axe: desktop', async () => assert.deepEqual(await each('desktop', 'en', 'day', violations, [axe]), []));
for (const [size, langs] of [['narrow', ['en', 'fr', 'ar', 'id', 'en-XA', 'ar-XB']], ['phone', ['ar', 'en-XA']], ['tablet', ['fr', 'ar-XB']], ['desktop', ['en-XA', 'ar']]]) {
  for (const lang of langs) {
    test(`fits: ${size}, ${lang}`, async () => assert.deepEqual(await each(size, lang, 'day', cramped), []));
  }
}

const stage = async (s) => (await fetch(`${url}/stage`, { method: 'POST', body: JSON.stringify(s) })).json();

// signedIn opens a page of somebody's own.
async function signedIn(who, lang, size = 'phone', before) {
  const context = await browser.newContext({ viewport: screens[size], locale: lang, reducedMotion: 'reduce' });
  if (before) await context.addInitScript(before);
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (e) => faults.push(String(e)));
  page.on('console', (m) => { if (/Content Security Policy|TrustedHTML|TrustedScript/.test(m.text())) faults.push(m.text()); });
  await page.goto(url);
  await page.fill('#code', codes.shift());
  await page.fill('#name', `${who}'s phone`);
  await page.click('button.primary');
  await page.fill('#name', who);
  await page.fill('#pin', pin);
  await page.click('button.primary');
  await page.waitForSelector('#queue');
  return { page, faults, close: () => context.close() };
}

test('two people, one call: seen, claimed, settled, judged', async () => {
  const amina = await signedIn('Amina Saleh', 'en');
  const bert = await signedIn('Bert Roux', 'fr', 'desktop');
  await new Promise((r) => setTimeout(r, 700)); // both pages are live
  const began = Date.now();
  await stage({ raise: '4-17/1', reason: 'bagging.too-much' });
  await Promise.all([amina, bert].map(({ page }) => page.waitForSelector('[data-call="4-17/1"] .claim')));
  const shown = Date.now() - began;
  assert.equal(await amina.page.getAttribute('#frame', 'data-alarm'), '2');
  await bert.page.click('#card-4-17\\/1 .glance');
  await bert.page.waitForSelector('.way');
  const tapped = Date.now();
  await amina.page.click('[data-call="4-17/1"] .claim');
  await bert.page.waitForSelector('#card-4-17\\/1.taken');
  const seen = Date.now() - tapped;
  assert.match(await bert.page.textContent('.deeds'), /Amina/);
  assert.equal(await bert.page.getAttribute('#frame', 'data-alarm'), '0');
  await amina.page.click('#card-4-17\\/1 .glance');
  await amina.page.click('[data-reason="own-bag"]');
  await amina.page.waitForSelector('#judge');
  await amina.page.click('[data-value="good"]');
  await bert.page.waitForSelector('.empty');
  await amina.page.waitForFunction(() => !document.getElementById('judge'));
  const asked = await stage({});
  assert.deepEqual(asked.map((c) => [c.deed, c.reason, c.boot]), [['bagging-ok', 'own-bag', 'b1']]);
  assert.ok(shown < 2000 && seen < 2000, `shown after ${shown} ms, claim seen after ${seen} ms`);
  console.log(`raised -> on both pages ${shown} ms, claim -> other page ${seen} ms`);
  assert.deepEqual([...amina.faults, ...bert.faults], []);
  await Promise.all([amina.close(), bert.close()]);
});

// device stands in for a phone that sounds, shakes and stays on, and notes what
// it was asked. Its long waits are short.
function device() {
  const felt = globalThis.felt = { tones: [], cut: 0, shakes: [], locks: [], visible: 'visible' };
  const slow = globalThis.setTimeout;
  globalThis.setTimeout = (f, ms, ...more) => slow(f, ms >= 5000 ? ms / 10 : ms, ...more);
  class Gain {
    gain = { setValueAtTime() {}, linearRampToValueAtTime() {} };
    connect() {}
    disconnect() { felt.cut++; }
  }
  globalThis.AudioContext = class {
    state = 'suspended';
    currentTime = 0;
    resume() { this.state = 'running'; return Promise.resolve(); }
    createGain() { return new Gain(); }
    createOscillator() {
      const frequency = { value: 0 };
      return { frequency, connect() {}, start() { felt.tones.push(frequency.value); }, stop() {} };
    }
  };
  const set = (on, name, value) => Object.defineProperty(on, name, { configurable: true, ...value });
  set(Navigator.prototype, 'vibrate', { value: (pattern) => { felt.shakes.push(pattern); return true; } });
  const request = (kind) => {
    felt.lock = { released: false };
    felt.locks.push(kind);
    return Promise.resolve(felt.lock);
  };
  set(Navigator.prototype, 'wakeLock', { value: { request } });
  set(Document.prototype, 'visibilityState', { get: () => felt.visible });
}

const felt = (page) => page.evaluate(() => structuredClone({ ...globalThis.felt, lock: undefined }));
const turn = (page, visible) => page.evaluate((visible) => {
  if (visible === 'hidden') globalThis.felt.lock.released = true; // as a browser does
  globalThis.felt.visible = visible;
  document.dispatchEvent(new Event('visibilitychange'));
}, visible);

test('each priority sounds and shakes in its own way, until somebody has the call', { timeout: 60000 }, async () => {
  const amina = await signedIn('Amina Saleh', 'en', 'phone', device);
  const bert = await signedIn('Bert Roux', 'en', 'desktop');
  await amina.page.click('[data-sound]'); // browsers want one touch
  assert.equal(await amina.page.getAttribute('[data-sound]', 'aria-pressed'), 'true');
  const kinds = [['payment.unsure', 1, 5], ['bagging.too-much', 2, 3], ['buy.ask', 3, 1], ['device.paper', 4, 0]];
  const figures = new Set();
  for (const [reason, priority, shake] of kinds) {
    const call = `2${priority}-1/1`;
    await amina.page.evaluate(() => Object.assign(globalThis.felt, { tones: [], cut: 0, shakes: [] }));
    await stage({ raise: call, reason });
    await amina.page.locator(`#frame[data-alarm="${priority}"]`).waitFor();
    await amina.page.waitForFunction(() => globalThis.felt.tones.length > 0 && globalThis.felt.shakes.length > 0);
    const first = await felt(amina.page);
    assert.equal(first.shakes[0].length, shake, `${reason}: ${first.shakes[0]}`);
    figures.add(first.tones.join());
    await amina.page.waitForFunction((n) => globalThis.felt.tones.length >= 2 * n && globalThis.felt.shakes.length >= 2, first.tones.length); // again after a while
    await bert.page.locator(`[data-call="${call}"] .claim`).click();
    await amina.page.locator('#frame[data-alarm="0"]').waitFor();
    const stopped = await felt(amina.page);
    assert.ok(stopped.cut > 0, `${reason}: what sounded went on`);
    assert.equal(stopped.shakes.at(-1), 0, `${reason}: what shook went on`);
    await new Promise((r) => setTimeout(r, 1500)); // longer than its next pause
    assert.deepEqual([(await felt(amina.page)).tones, (await felt(amina.page)).shakes], [stopped.tones, stopped.shakes], `${reason}: still heard`);
  }
  assert.equal(figures.size, kinds.length, `figures ${[...figures].join(' | ')}`);
  assert.deepEqual([...amina.faults, ...bert.faults], []);
  await Promise.all([amina.close(), bert.close()]);
});

test('the screen stays on while the page is open', async () => {
  const { page, faults, close } = await signedIn('Amina Saleh', 'en', 'phone', device);
  await page.waitForFunction(() => globalThis.felt.locks.length === 1); // before anybody touched it
  await page.click('[data-sound]');
  await turn(page, 'visible');
  assert.deepEqual((await felt(page)).locks, ['screen'], 'one is enough');
  await turn(page, 'hidden');
  assert.deepEqual((await felt(page)).locks, ['screen'], 'nobody looks at it');
  await turn(page, 'visible');
  await page.waitForFunction(() => globalThis.felt.locks.length === 2);
  assert.deepEqual((await felt(page)).locks, ['screen', 'screen']);
  assert.deepEqual(faults, []);
  await close();
});

test('a tap on a button that is no longer true settles nothing', async () => {
  const { page, close } = await signedIn('Amina Saleh', 'en');
  await stage({ raise: '6-1/1', reason: 'price' });
  await page.click('[data-call="6-1/1"] .glance');
  await page.waitForSelector('[data-reason="label"]');
  await page.evaluate(() => { document.querySelector('[data-reason="label"]').dataset.version = '0'; });
  await page.click('[data-reason="label"]');
  await page.waitForFunction(() => /changed/.test(document.getElementById('notice').textContent));
  await stage({ refuse: 'unfit' });
  await page.evaluate(() => { document.querySelector('[data-reason="label"]').dataset.version = document.querySelector('[data-do="settle"]:not([data-reason="label"])').dataset.version; });
  await page.click('[data-reason="label"]');
  await page.waitForFunction(() => /cannot do this now/.test(document.getElementById('notice').textContent));
  assert.equal(await page.locator('[data-reason="label"]').isVisible(), true);
  await stage({});
  await close();
});

test('what releases nothing can be undone', async () => {
  const { page, close } = await signedIn('Amina Saleh', 'en');
  await stage({ raise: '8-1/1', reason: 'how' });
  await page.click('[data-call="8-1/1"] .glance');
  await page.click('[data-reason="shown"]');
  await page.click('[data-do="undo"]');
  await page.waitForSelector('[data-reason="shown"]');
  assert.deepEqual(await stage({}), null);
  await close();
});

test('silence shows, and nothing can be tapped', async () => {
  const { page, close } = await signedIn('Amina Saleh', 'en');
  await stage({ raise: '9-1/1', reason: 'article' });
  const claim = page.locator('[data-call="9-1/1"] .claim');
  await claim.waitFor();
  await stage({ silent: true });
  await page.waitForSelector('#lost:not([hidden])', { timeout: 8000 });
  assert.equal(await claim.isDisabled(), true);
  await stage({});
  await page.waitForSelector('#lost', { state: 'hidden', timeout: 8000 });
  assert.equal(await claim.isDisabled(), false);
  await close();
});

test('installable: a manifest, icons and a worker that keeps only the shell', async () => {
  const { page, close } = await signedIn('Amina Saleh', 'ar');
  await page.evaluate(() => navigator.serviceWorker.ready);
  const kept = await page.evaluate(async () => (await Promise.all((await caches.keys()).map(async (k) => (await (await caches.open(k)).keys()).map((r) => new URL(r.url).pathname)))).flat());
  assert.deepEqual(kept.sort(), ['/icon/192.png', '/shared/tokens.css', '/shell', '/static/console.css', '/static/shell.js']);
  const manifest = await (await fetch(`${url}/manifest.webmanifest`)).json();
  assert.equal(manifest.display, 'standalone');
  assert.deepEqual(manifest.icons.map((i) => i.sizes), ['192x192', '512x512']);
  await page.context().setOffline(true);
  await page.goto(url).catch(() => {});
  await page.waitForSelector('.note');
  await page.context().setOffline(false);
  await close();
});
