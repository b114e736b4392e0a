// The shopper's page: takes what the lane says, posts what is touched. It knows
// nothing of a sale; the server's HTML is all there is to show.

import { morph, parse } from './morph.js';
import { fit } from './fit.js';
import { local } from './local.js';

const silence = 5000; // ms without a sign of life before the page says so
const retry = 1500;
let source, heard = Date.now(), waiting = 0;

connect();
setInterval(watch, 500);

function connect() {
  source?.close();
  waiting = Date.now();
  source = new EventSource('/events');
  source.addEventListener('state', (e) => { alive(); apply(JSON.parse(e.data)); });
  source.addEventListener('sound', (e) => { alive(); play(e.data); });
  source.addEventListener('signal', (e) => dispatchEvent(new CustomEvent('kassa-signal', { detail: JSON.parse(e.data) })));
  source.addEventListener('alive', alive);
}

function alive() {
  heard = Date.now();
  const lost = document.getElementById('lost');
  if (lost && !lost.hidden) lost.hidden = true;
}

// watch covers the page when the lane is silent, and asks again by itself.
function watch() {
  if (Date.now() - heard < silence) {
    if (source.readyState === EventSource.CLOSED && Date.now() - waiting > retry) connect();
    return;
  }
  document.getElementById('lost').hidden = false;
  if (Date.now() - waiting > retry && (source.readyState !== EventSource.OPEN || Date.now() - waiting > silence)) connect();
}

function apply(u) {
  if (u.build && u.build !== document.body.dataset.build) {
    location.reload();
    return;
  }
  const screen = document.getElementById('main').dataset.screen;
  const had = new Set([...document.querySelectorAll('.line')].map((l) => l.id));
  if (u.root) root(u.root);
  for (const [id, html] of Object.entries(u.parts ?? {})) {
    const node = document.getElementById(id);
    if (node) morph(node, parse(html));
  }
  for (const [name, text] of Object.entries(u.live ?? {})) live(name, text, u.settled);
  if (u.say) say(u.say);
  for (const line of document.querySelectorAll('.line.newest')) {
    if (!had.has(line.id)) {
      line.classList.add('entering');
      document.getElementById('rows').scrollTop = 0;
    }
  }
  for (const b of document.querySelectorAll('.pressed')) b.classList.remove('pressed');
  if (document.getElementById('main').dataset.screen !== screen) {
    document.getElementById('display')?.removeAttribute('open');
    document.querySelector('main h1')?.focus({ preventScroll: true });
    document.getElementById('main').scrollTop = 0;
  }
  dispatchEvent(new Event('kassa-drawn')); // for a call's script, where there is one
  fit();
}

function root(r) {
  const html = document.documentElement;
  html.lang = r.lang;
  html.dir = r.dir;
  html.className = r.class;
  document.title = r.title;
  document.getElementById('frame').dataset.layout = r.layout;
}

// live shows what streams past: the weight, the terminal's state.
function live(name, text, settled) {
  for (const node of document.querySelectorAll(`[data-live="${CSS.escape(name)}"]`)) {
    if (node.textContent !== text) node.textContent = text;
  }
  const dial = document.querySelector('.dial');
  if (dial) {
    dial.dataset.settled = String(Boolean(settled));
    dial.toggleAttribute('data-busy', !/^\D*[0٠]+\D*[0٠]*\D*$/.test(dial.querySelector('.huge').textContent));
  }
}

function say(text) {
  document.getElementById('status').textContent = text;
}

function play(name) {
  new Audio(`/sound/${encodeURIComponent(name)}.wav`).play().catch(() => {}); // a browser may want a touch first
  if (name === 'say') speak();
}

// speak says the open hint aloud, where the system has a voice for its language.
function speak() {
  const hint = document.querySelector('[data-hint] .words');
  if (!hint || !globalThis.speechSynthesis) return;
  const said = new SpeechSynthesisUtterance(hint.innerText);
  said.lang = document.documentElement.lang;
  speechSynthesis.speak(said);
}

// post hands an act to the lane. What comes of it arrives on /events.
async function post(fields, button) {
  button?.classList.add('pressed');
  const body = new URLSearchParams(fields);
  try {
    await fetch('/act', { method: 'POST', body });
  } catch {
    heard = 0; // the lane is away: say so now
  }
  setTimeout(() => button?.classList.remove('pressed'), 300);
}

function fieldsOf(node) {
  const { act, line, code, value } = node.dataset;
  return Object.entries({ act, line, code, value }).filter(([, v]) => v !== undefined);
}

addEventListener('click', (e) => {
  const touched = e.target.closest('[data-act]');
  if (touched && touched.type !== 'submit' || touched?.getAttribute('form') === 'touch') {
    if (!touched.dataset.load) e.preventDefault();
    post(fieldsOf(touched), touched);
  }
  local(e);
});

addEventListener('submit', (e) => {
  if (!e.target.matches('[data-act-form]')) return;
  e.preventDefault();
  post(new FormData(e.target), e.submitter);
  if (e.target.matches('[data-pin]')) e.target.querySelector('.digits').value = '';
});

addEventListener('contextmenu', (e) => e.preventDefault());
addEventListener('dragstart', (e) => e.preventDefault());
