// Phrases, and a video and voice call, between a shopper and an attendant: a
// whole lane and its store's whole hub, and two browsers that know of each other
// only through them. What is claimed of a call is asked of the browsers
// themselves: frames that were decoded on either side.

import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, afterEach, before, test } from 'node:test';
import { launch, panels, serve } from './browser.mjs';
import { build, clean, health, until, workbench } from './workbench.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pin = '284915';
const wait = Number(process.env.KASSA_WAIT ?? 15000);
const fake = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
let made, bench, ours, theirs, shopper, staff;

before(async () => {
  made = build('call');
  await open('on');
  [ours, theirs] = await Promise.all([launch(fake), launch(fake)]);
  [shopper, staff] = await Promise.all([page(ours, panels.landscape), page(theirs, { width: 1440, height: 900 })]);
  await shopper.goto(bench.lane);
  await signIn();
});

after(async () => {
  await Promise.all([ours?.close(), theirs?.close()]);
  await bench?.stop();
  clean(made);
});

// What is on the screens is kept when asked for.
let shot = 0;
async function look(name) {
  if (!process.env.KASSA_PICTURES) return;
  await shopper.screenshot({ path: `${process.env.KASSA_PICTURES}/${++shot}-${name}-shopper.png` }).catch(() => {});
  await staff.screenshot({ path: `${process.env.KASSA_PICTURES}/${shot}-${name}-staff.png` }).catch(() => {});
}
afterEach((t) => look(`end-${t.name.replace(/\W+/g, '-').slice(0, 40)}`));

// open starts lane and hub, with calls or through the relay.
async function open(call) {
  rmSync(`${made.dir}/lane`, { recursive: true, force: true });
  bench = await workbench(made, { hub: true, args: ['--call', call] });
}

async function page(browser, viewport) {
  const p = await (await browser.newContext({ viewport, locale: 'en', reducedMotion: 'reduce' })).newPage();
  p.setDefaultTimeout(wait);
  return p;
}

async function signIn() {
  const code = bench.run('kassa-hub', 'device', 'add', '--config', `${bench.dir}/kassa-hub.toml`).stdout.trim();
  await staff.goto(bench.hub);
  await staff.fill('#code', code);
  await staff.fill('#name', 'phone');
  await staff.click('button.primary');
  await staff.fill('#name', 'Amina');
  await staff.fill('#pin', pin);
  await staff.click('button.primary');
  await staff.locator('#queue').waitFor();
}

// raise has the shopper call in her language, and the attendant take it.
async function raise(lang) {
  await shopper.goto(bench.lane);
  await until('a screen', async () => (await shopper.locator('main').getAttribute('data-screen')) !== null);
  if (await shopper.locator('main[data-screen="start"]').count()) await shopper.locator(`[data-act="language"][data-value="${lang}"]`).click();
  await shopper.locator('[data-act="help"]').click();
  await shopper.locator('[data-act="call"]').first().click();
  await staff.goto(bench.hub);
  await staff.locator('.card .glance').first().click();
  await staff.locator('#detail [data-do="claim"]').click();
  await staff.locator('#detail [data-ask="video"]').waitFor();
}

async function settle() {
  await staff.locator('#detail [data-do="settle"]:not([disabled])').first().click();
  await until('her page is free again', async () => (await shopper.locator('[data-survey]').count()) > 0, 20000);
  await shopper.locator('[data-act="survey"][data-value="close"]').click();
  await staff.goto(bench.hub);
}

const say = async (phrase) => {
  await staff.evaluate((p) => { document.querySelector(`#detail [data-do="talk"][data-value="${p}"]`).closest('details').open = true; }, phrase);
  await staff.locator(`#detail [data-do="talk"][data-value="${phrase}"]`).click();
};
const heard = (text) => shopper.locator('#said li', { hasText: text }).waitFor();
const read = (text) => staff.locator('.said li', { hasText: text }).first().waitFor();
const decoded = (p) => p.evaluate(async () => {
  const all = [...(await globalThis.kassaCall().getStats()).values()].filter((s) => s.type === 'inbound-rtp');
  const of = (kind, what) => all.filter((s) => s.kind === kind).reduce((n, s) => n + (s[what] ?? 0), 0);
  return { frames: of('video', 'framesDecoded'), sound: of('audio', 'totalSamplesReceived') };
});
const ways = (p) => p.evaluate(async () => [...(await globalThis.kassaCall().getStats()).values()].filter((s) => s.type === 'local-candidate').map((s) => s.candidateType));
const live = (p) => p.evaluate(() => [...document.querySelectorAll('video')].flatMap((v) => v.srcObject?.getTracks() ?? []).filter((t) => t.readyState === 'live').length);

async function flows(what, holds) {
  let last;
  await until(what, async () => holds(last = await Promise.all([decoded(shopper), decoded(staff)]).catch(() => [{}, {}])));
  return last;
}

async function faultless(p, where) {
  await p.evaluate(axe);
  const found = await p.evaluate(async () => {
    const { violations } = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] });
    return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 140)}`));
  });
  assert.deepEqual(found, [], where);
}

test('each reads the other in the own language; free words stay as they are', async () => {
  await raise('ar');
  assert.equal(await shopper.evaluate(() => document.documentElement.dir), 'rtl');
  await say('talk.ask-what');
  await heard('كيف يمكنني مساعدتك؟');
  await read('What can I do for you?');
  await shopper.locator('[data-act="answer"][data-value="talk.a-scan"]').click();
  await read('It does not scan');
  await staff.fill('#talk-text', 'Try <b>this</b> & that');
  await staff.locator('.write button').click();
  await heard('Try <b>this</b> & that');
  const free = shopper.locator('#said [data-free]').last();
  assert.deepEqual(await free.evaluate((e) => [e.dir, e.lang, getComputedStyle(e).direction, e.querySelector('b')]), ['auto', 'en', 'ltr', null]);
  await until('the box is empty again', async () => (await staff.inputValue('#talk-text')) === '');
  await look('talk');
  await faultless(shopper, 'her page');
  await faultless(staff, 'the console');
});

test('said again after both start anew, once and in order', async () => {
  const lines = async () => shopper.locator('#talk li').allTextContents();
  const had = await lines();
  for (const what of ['power cut hub', 'power cut']) {
    await bench.act(what);
    await until(`${what}: it is dark`, async () => (await health(bench.lane))?.hub !== 'up');
    await until(`${what}: they hear each other again`, async () => (await health(bench.lane))?.hub === 'up', 30000);
    await until(`${what}: all is there once`, async () => JSON.stringify(await lines()) === JSON.stringify(had), 30000);
  }
});

test('a video call: off until she says yes, frames on both sides, off again', async () => {
  await staff.reload();
  await staff.locator('#detail [data-ask="video"]').click();
  await shopper.locator('#call[data-state="asked"]').waitFor();
  assert.equal(await live(shopper), 0);
  assert.equal(await shopper.evaluate(() => globalThis.kassaCall()), undefined);
  await look('asked');
  await faultless(shopper, 'the question');
  const began = Date.now();
  await shopper.locator('[data-media="yes"][data-camera]').click();
  const [hers, his] = await flows('frames on both sides', ([a, b]) => a.frames > 5 && b.frames > 5 && a.sound > 0 && b.sound > 0);
  console.log(`# frames decoded after ${Date.now() - began} ms: shopper ${hers.frames}, agent ${his.frames}`);
  await shopper.locator('#call[data-state="on"] .onair').waitFor();
  await staff.locator('#callbox[data-state="on"]').waitFor();
  await look('on');
  await faultless(shopper, 'in the call');
  await faultless(staff, 'in the call, at the console');
  // The basket is not covered, and goes on.
  const over = await shopper.evaluate(() => {
    const a = document.getElementById('call').getBoundingClientRect(), b = document.getElementById('basket').getBoundingClientRect();
    return a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  });
  assert.equal(over, false);
  await staff.locator('[data-hangup]').click();
  await shopper.locator('#call').waitFor({ state: 'hidden' });
  assert.equal(await live(shopper), 0, 'her camera or microphone is still on');
  assert.equal(await live(staff), 0);
});

test('voice alone and one-way pictures; she hangs up', async () => {
  await staff.locator('#detail [data-ask="video"]').click();
  await shopper.locator('[data-media="yes"]:not([data-camera])').click();
  const [, his] = await flows('his picture to her, her voice to him', ([a, b]) => a.frames > 5 && b.sound > 0);
  assert.equal(his.frames, 0);
  await shopper.locator('[data-media="hangup"]').click();
  await staff.locator('#callbox').waitFor({ state: 'hidden' });
  await staff.locator('#detail [data-ask="voice"]').click();
  await shopper.locator('[data-media="yes"]').click();
  const none = await flows('voices', ([a, b]) => a.sound > 0 && b.sound > 0);
  assert.deepEqual(none.map((x) => x.frames), [0, 0]);
  await settle(); // the call ends with what it was for
  await shopper.locator('#call').waitFor({ state: 'hidden' });
  assert.equal(await live(shopper), 0);
});

test('no, thank you: talking goes on by phrases', async () => {
  await raise('ar'); // the same visit: what was said before is known to whoever comes
  await staff.locator('#talk-earlier').waitFor();
  assert.equal(await shopper.locator('#said li').count(), 0);
  await staff.locator('#detail [data-ask="video"]').click();
  await shopper.locator('[data-media="no"]').click();
  await staff.locator('#callbox[data-state="declined"]').waitFor();
  await say('talk.moment');
  await heard('لحظة من فضلك.');
  await ours.contexts()[0].clearPermissions();
  await shopper.evaluate(() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError')); });
  await staff.locator('#detail [data-ask="voice"]').click();
  await shopper.locator('[data-media="yes"]').click();
  await staff.locator('#callbox[data-state="denied"]').waitFor();
  await shopper.locator('#call').waitFor({ state: 'hidden' });
  await say('talk.thanks');
  await heard('كل شيء على ما يرام.');
  await settle();
});

test('contacts say by which channel', async () => {
  const out = bench.run('kassa-hub', 'report', 'help', '--config', `${bench.dir}/kassa-hub.toml`, '--csv');
  assert.equal(out.status, 0, out.stderr);
  const channels = out.stdout.trim().split('\n').slice(1).map((l) => l.split(',')[1]).sort();
  assert.deepEqual(channels, ['chat', 'video']);
});

test('through the relay alone', async () => {
  await bench.stop();
  await open('relay');
  await signIn();
  await raise('en');
  await staff.locator('#detail [data-ask="video"]').click();
  await shopper.locator('[data-media="yes"][data-camera]').click();
  await flows('frames through the relay', ([a, b]) => a.frames > 5 && b.frames > 5);
  for (const p of [shopper, staff]) assert.deepEqual([...new Set(await ways(p))], ['relay']);
});

test('off unless asked for: no way in, no camera, nothing loaded', async () => {
  const off = await serve();
  try {
    const answer = await fetch(off.url);
    assert.match(answer.headers.get('permissions-policy'), /camera=\(\), microphone=\(\)/);
    assert.doesNotMatch(await answer.text(), /call\/|id="call"/);
    for (const path of ['/call', '/call/lane.js', '/call/peer.js']) assert.equal((await fetch(off.url + path)).status, 404);
  } finally {
    off.stop();
  }
});
