// What the page does by itself, without the lane: looking for an article, the
// keys on the screen, plus and minus, paging through a long basket.

import { fit, scrolled } from './fit.js';
import { morph, parse } from './morph.js';

let asked = 0; // newest request for a fragment; older answers are dropped
let typing;

// local handles a click on a thing of the page's own.
export function local(e) {
  const t = e.target;
  const link = t.closest('[data-load]');
  const button = t.closest('button');
  if (link) {
    e.preventDefault();
    load(link.dataset.load);
  } else if (t.closest('a[aria-disabled]')) {
    e.preventDefault();
  } else if (button?.dataset.key !== undefined) {
    press(button);
  } else if (button?.dataset.step) {
    step(button);
  } else if (button?.dataset.scroll) {
    scroll(button);
  } else if (button?.hasAttribute('data-type')) {
    find(button.form.elements.q.value, button.getAttribute('aria-pressed') !== 'true');
  }
}

// load puts a fragment of the server's in the place of the one on the page.
async function load(url) {
  const mine = ++asked;
  const to = new URL(url, location.origin);
  to.searchParams.set('lang', document.documentElement.lang);
  const answer = await fetch(to).catch(() => null);
  if (!answer?.ok || mine !== asked) return;
  const want = parse(await answer.text());
  const node = want && document.getElementById(want.id);
  if (node) morph(node, want);
  fit();
}

function find(text, keys) {
  const to = new URLSearchParams({ q: text });
  if (keys) to.set('typing', '1');
  return load(`${document.querySelector('[data-query]')?.dataset.query || '/find'}?${to}`);
}

// press takes a key of the keyboard or the number pad.
function press(button) {
  const pad = button.closest('.keypad');
  const input = pad ? pad.closest('form').querySelector('.digits') : document.querySelector('.query input');
  const key = button.dataset.key;
  if (key === 'clear') input.value = '';
  else if (key === 'delete') input.value = [...input.value].slice(0, -1).join('');
  else if (input.value.length < input.maxLength) input.value += key;
  if (!pad) look(input.value, true);
}

// look asks for what has been typed, once the fingers pause.
function look(text, keys) {
  clearTimeout(typing);
  typing = setTimeout(() => find(text, keys), 120);
}

addEventListener('input', (e) => {
  if (e.target.matches('.query input')) look(e.target.value, e.target.form.querySelector('[data-type]').getAttribute('aria-pressed') === 'true');
});

addEventListener('submit', (e) => {
  if (!e.target.matches('[data-query]')) return;
  e.preventDefault();
  find(e.target.elements.q.value, false);
});

function step(button) {
  const input = button.form.elements.value;
  const next = Number(input.value) + Number(button.dataset.step);
  input.value = Math.max(1, Math.min(Number(input.dataset.most) || next, next));
  const shown = [...input.value].map((d) => input.dataset.digits[d]).join('');
  button.form.querySelector('output').firstElementChild.textContent = shown;
}

function scroll(button) {
  const box = scrolled(button.dataset.scroll);
  box.scrollBy({ top: Number(button.dataset.by) * box.clientHeight * 0.8 });
}
