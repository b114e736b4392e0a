// The attendants' page: takes what the hub says, posts what is tapped. It knows
// nothing of calls; the server's HTML is all there is to show. A tap sends the
// version that its button was drawn with, and a number used once.

import { morph, parse } from '/shared/morph.js';
import { alarm, keepOn, wake } from './alarm.js';

const silence = 5000; // ms without a sign of life before the page says so
const retry = 1500;
const story = document.body.hasAttribute('data-story');
let source, heard = Date.now(), waiting = 0, ahead = 0; // ahead: of the hub's clock

const frame = () => document.getElementById('frame');
const byId = (id) => document.getElementById(id);

function connect() {
  source?.close();
  waiting = Date.now();
  source = new EventSource(`/events${location.search}`);
  source.addEventListener('state', (e) => { alive(); apply(JSON.parse(e.data)); });
  source.addEventListener('alive', (e) => { ahead = Date.now() - Number(e.data); alive(); });
  source.addEventListener('idle', (e) => { byId('idle').hidden = e.data !== 'true'; });
  source.addEventListener('signal', (e) => dispatchEvent(new CustomEvent('kassa-signal', { detail: JSON.parse(e.data) }))); // of a call
  source.addEventListener('out', () => location.assign('/login'));
}

function alive() {
  heard = Date.now();
  show(true);
}

// show says whether what stands here is true now. What is not cannot be tapped.
function show(live) {
  byId('lost').hidden = live;
  frame().classList.toggle('stale', !live);
  for (const b of document.querySelectorAll('[data-needs-life]')) {
    const controls = b.matches('form') ? b.querySelectorAll('button, input, select') : [b];
    for (const c of controls) if (!c.hasAttribute('data-off')) c.disabled = !live;
  }
}

function watch() {
  tick();
  if (Date.now() - heard >= silence) show(false);
  const stuck = Date.now() - heard >= silence || source.readyState === EventSource.CLOSED;
  if (stuck && Date.now() - waiting > retry) reconnect();
}

// reconnect asks first: an EventSource does not tell a hub that is away from a
// session that has ended.
async function reconnect() {
  waiting = Date.now();
  source.close();
  // A hub that hangs keeps no line of ours: browsers have but six.
  const answer = await fetch('/here', { signal: AbortSignal.timeout(retry) }).catch(() => null);
  if (answer?.status === 401) location.assign('/login');
  else if (answer) connect();
}

function apply(u) {
  if (u.build && u.build !== document.body.dataset.build) {
    location.reload();
    return;
  }
  if (u.root) root(u.root);
  for (const [id, html] of Object.entries(u.parts ?? {})) {
    const node = byId(id);
    if (node) morph(node, parse(html));
  }
  settle();
}

function root(r) {
  const html = document.documentElement;
  Object.assign(html, { lang: r.lang, dir: r.dir, className: r.class });
  document.title = r.title;
  const was = frame().dataset.open;
  Object.assign(frame().dataset, { tab: r.tab, open: r.open, alarm: r.alarm, alarmOf: r.of });
  if (r.open && was !== r.open) setTimeout(() => byId('detail').focus({ preventScroll: true }), 0);
}

// settle brings what the page adds by itself back after new HTML came.
function settle() {
  tick();
  alarm(Number(frame().dataset.alarm), frame().dataset.alarmOf);
  if (document.visibilityState === 'visible' && !story) {
    for (const card of document.querySelectorAll('[data-unseen]')) {
      card.removeAttribute('data-unseen');
      post({ do: 'see', call: card.dataset.call });
    }
  }
}

// tick moves rings and clocks.
function tick() {
  const now = Number(document.body.dataset.now) || Date.now() - ahead;
  const figures = [...document.body.dataset.figures];
  for (const node of document.querySelectorAll('[data-since]')) {
    const s = Math.max(0, Math.floor((now - Number(node.dataset.since)) / 1000));
    const text = `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`.replace(/\d/g, (d) => figures[d]);
    if (node.textContent !== text) node.textContent = text;
  }
  for (const ring of document.querySelectorAll('[data-ring]')) {
    const from = Number(ring.dataset.from), to = Number(ring.dataset.to);
    const part = to > from ? Math.min(1, Math.max(0, (now - from) / (to - from))) : 1;
    ring.lastElementChild.setAttribute('stroke-dashoffset', String(Math.round(100 - 100 * part)));
  }
}

function nonce() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
}

async function post(fields, button) {
  button?.classList.add('pressed');
  const answer = await fetch('/deed', { method: 'POST', body: new URLSearchParams({ ...fields, nonce: nonce() }), signal: AbortSignal.timeout(10000) }).catch(() => null);
  button?.classList.remove('pressed');
  if (fields.do === 'see') return false;
  if (answer?.status === 401) location.assign('/login');
  else if (!answer) say(byId('notice').dataset.away);
  else if (!answer.ok) say(await answer.text());
  else done(fields);
  return Boolean(answer?.ok);
}

// done goes on after a deed: a call that was settled asks how it was.
function done(fields) {
  if (fields.do === 'settle') ask(fields.call);
  else if (fields.do === 'judge') byId('judge')?.remove();
  else if (fields.do !== 'undo' && fields.do !== 'talk') say(byId('notice').dataset.sent);
}

function say(text) {
  const notice = byId('notice');
  notice.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { notice.textContent = ''; }, 6000);
}

async function ask(call) {
  const answer = await fetch(`/judge?call=${encodeURIComponent(call)}`).catch(() => null);
  if (!answer?.ok) return;
  byId('judge')?.remove();
  frame().append(parse(await answer.text()));
  setTimeout(() => { const box = byId('judge'); if (box?.dataset.call === call) box.remove(); }, 15000);
}

function fieldsOf(node) {
  const { do: verb, call, version, lane, boot, number, deed, reason, line, value } = node.dataset;
  return Object.fromEntries(Object.entries({ do: verb, call, version, lane, boot, number, deed, reason, line, value }).filter(([, v]) => v !== undefined));
}

// sure asks once more, in the button itself, before what cannot be taken back.
function sure(button) {
  const word = button.querySelector('strong');
  if (!button.dataset.sure || button.dataset.asked) return true;
  button.dataset.asked = word.textContent;
  word.textContent = `${button.dataset.sure} ${button.dataset.asked}`;
  setTimeout(() => { word.textContent = button.dataset.asked; delete button.dataset.asked; }, 4000);
  return false;
}

addEventListener('click', (e) => {
  const link = e.target.closest('a[data-go]');
  const button = e.target.closest('button[data-do]');
  if (link && !story && !e.metaKey && !e.ctrlKey && !e.shiftKey) {
    e.preventDefault();
    history.pushState(null, '', link.href);
    connect();
  } else if (button) {
    if (sure(button)) post(fieldsOf(button), button);
  } else if (e.target.closest('[data-here]')) {
    fetch('/here', { method: 'POST' }).then(() => { byId('idle').hidden = true; }, () => {});
  } else if (e.target.closest('[data-close]')) {
    e.target.closest('[data-box]').remove();
  }
  wake();
});

addEventListener('submit', (e) => {
  if (!e.target.matches('form[data-do]')) return;
  e.preventDefault();
  const form = e.target;
  post({ ...fieldsOf(form), ...Object.fromEntries(new FormData(form)) }, e.submitter).then((ok) => {
    if (ok && form.hasAttribute('data-once')) form.reset();
  });
});

addEventListener('popstate', connect);
document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') settle(); });

settle();
if (!story) {
  keepOn();
  connect();
  setInterval(watch, 500);
}
if (navigator.serviceWorker && !story) {
  const policy = globalThis.trustedTypes?.createPolicy('kassa-worker', { createScriptURL: () => '/sw.js' });
  navigator.serviceWorker.register(policy ? policy.createScriptURL('') : '/sw.js').catch(() => {}); // without it the page works as well
}
