// Every screen, in every state, language and mode, on every panel: no axe
// violation, nothing cut off, nothing too small to touch, no page that scrolls.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { launch, panels, serve } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const only = process.env.ONLY ? process.env.ONLY.split(',') : null; // story names, for work on one page

let browser, server, book;
before(async () => {
  server = await serve({ DIGITS: 'arab' });
  browser = await launch();
  book = await (await fetch(`${server.url}/storybook?json`)).json();
});
after(async () => {
  await browser?.close();
  server?.stop();
});

// each shows every story in one page, one after the other, and calls the page's
// function look on each. Loading them as documents would take ten times as long.
async function each(panel, lang, mode, look, scripts = []) {
  const context = await browser.newContext({ viewport: panels[panel], bypassCSP: true, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const stories = book.stories.filter((s) => !only || only.includes(s));
  await page.goto(`${server.url}/storybook/${stories[0]}?lang=${lang}&mode=${mode}`);
  for (const content of [...scripts, `globalThis.look = ${look}`]) await page.evaluate(content);
  const found = await page.evaluate(async ({ stories, lang, mode }) => {
    const faults = [];
    for (const story of stories) {
      const html = await (await fetch(`/storybook/${story}?lang=${lang}&mode=${mode}`)).text();
      const next = new DOMParser().parseFromString(html, 'text/html');
      if (!next.querySelector('main')) faults.push(`${story}: no page`);
      for (const { name, value } of next.documentElement.attributes) document.documentElement.setAttribute(name, value);
      document.title = next.title;
      document.body.replaceWith(document.adoptNode(next.body));
      dispatchEvent(new Event('resize')); // the page's own script looks what fits
      for (const fault of await globalThis.look()) faults.push(`${story}: ${fault}`);
    }
    return faults;
  }, { stories, lang, mode });
  await context.close();
  return found;
}

// violations asks for the tags by name: target size (WCAG 2.2) is off otherwise.
async function violations() {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];
  const { violations } = await axe.run(document, { runOnly: tags, resultTypes: ['violations'] });
  return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 140)} ${n.any[0]?.message ?? n.all[0]?.message ?? ''}`));
}

// cramped lists what does not fit: text cut off, things over each other, a page
// that scrolls, targets under 44 px, in reach mode targets in the upper half.
function cramped() {
  const faults = [];
  const { innerWidth: w, innerHeight: h } = window;
  const name = (e) => `${e.tagName.toLowerCase()}.${[...e.classList].join('.')} "${e.textContent.trim().slice(0, 40)}"`;
  const doc = document.documentElement;
  if (doc.scrollWidth > w || doc.scrollHeight > h) faults.push('the page scrolls');
  const reach = doc.classList.contains('reach');
  for (const e of document.querySelectorAll('body *:not(svg *):not(.unseen):not(.unseen *)')) {
    const s = getComputedStyle(e);
    if (e.closest('details:not([open]) > .sheet') || s.display === 'none' || s.visibility === 'hidden' || !e.getClientRects().length) continue;
    const r = e.getBoundingClientRect();
    if (r.width <= 1 && r.height <= 1) continue; // for a screen reader only
    if (e.scrollWidth > e.clientWidth + 2 && e.clientWidth > 0 && s.display !== 'inline' && !e.matches('input, .tile .name, .unseen')) {
      faults.push(`too wide by ${e.scrollWidth - e.clientWidth}: ${name(e)}`);
    }
    const scrolls = [...document.querySelectorAll('.rows, .do, .main')].some((b) => b.contains(e) && b.scrollHeight > b.clientHeight + 2);
    if (!scrolls && (r.left < -1 || r.right > w + 1 || r.top < -1 || r.bottom > h + 1)) faults.push(`off the panel: ${name(e)}`);
    if (e.matches('button, a, summary, input')) {
      if (r.width < 44 || r.height < 44) faults.push(`small target ${Math.round(r.width)}x${Math.round(r.height)}: ${name(e)}`);
      if (reach && r.top < h / 2 - 1 && !e.closest('.sheet')) faults.push(`too high to reach, ${Math.round(r.top)}: ${name(e)}`);
      // A line's box is taller than its letters, in Arabic fonts by half.
      if (e.scrollHeight > e.clientHeight + 0.6 * parseFloat(s.fontSize) && !e.matches('input')) faults.push(`text cut off in ${name(e)}`);
    }
  }
  for (const id of ['top', 'bar']) {
    const e = document.getElementById(id);
    if (e && e.scrollHeight > e.clientHeight + 2) faults.push(`${id} overflows`);
  }
  const main = document.querySelector('.main');
  const part = doc.classList.contains('reach') ? main.querySelector('.do') : main;
  if (part.scrollHeight > part.clientHeight + 2 && document.getElementById('main-pager').hidden && part.clientHeight > 0) {
    faults.push(`more than fits in ${part.className} by ${part.scrollHeight - part.clientHeight}`);
  }
  // Paging through a page is for those who asked for large text, or a small panel.
  const roomy = w * h > 1e6 && !doc.classList.contains('large') && !reach && !doc.lang.includes('X') && main.dataset.screen !== 'staff';
  if (roomy && !document.getElementById('main-pager').hidden) faults.push('needs paging');
  const say = main.querySelector('.say');
  if (reach && main.dataset.screen !== 'staff' && say.scrollHeight > say.clientHeight + 2) faults.push(`cut off above by ${say.scrollHeight - say.clientHeight}`);
  return faults;
}

const languages = ['en', 'fr', 'ar', 'id', 'en-XA', 'ar-XB'];
const long = Boolean(process.env.LONG);

// Without LONG, axe looks at each language once and each mode once.
for (const lang of languages) {
  for (const mode of ['default', 'large', 'contrast', 'light', 'reach', 'large-reach']) {
    if (!long && mode !== 'default' && !(lang === 'ar-XB' && mode !== 'large-reach')) continue;
    test(`axe: ${lang}, ${mode}`, async () => {
      assert.deepEqual(await each('portrait', lang, mode, violations, [axe]), []);
    });
  }
}

for (const panel of Object.keys(panels)) {
  for (const lang of languages) {
    for (const mode of ['default', 'large', 'reach']) {
      // The pseudo-locale is longer than English and Indonesian.
      if (!long && mode !== 'default' && (lang === 'en' || lang === 'id')) continue;
      test(`fits: ${panel}, ${lang}, ${mode}`, async () => {
        assert.deepEqual(await each(panel, lang, mode, cramped), []);
      });
    }
  }
}
