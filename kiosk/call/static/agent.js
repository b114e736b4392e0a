// The agent's end of a video or voice call. It asks, and waits for the shopper's
// yes. The call only talks: whatever is to be done is done by the page's taps.

import { media, peer, release } from './peer.js';

const seen = new Set();
const box = document.getElementById('callbox');
const far = document.getElementById('call-far');
const own = document.getElementById('call-own');
let now; // {session, call, video, local, link}
globalThis.kassaCall = () => now?.link?.pc; // for tests

addEventListener('kassa-signal', (e) => take(e.detail));
addEventListener('click', (e) => {
  const ask = e.target.closest('[data-ask]');
  if (ask) invite(ask.dataset.call, ask.dataset.ask === 'video', ask);
  else if (e.target.closest('[data-hangup]')) bye('hangup');
  else if (e.target.closest('[data-mute]')) mute(e.target.closest('[data-mute]'));
});
addEventListener('pagehide', () => { if (now?.session) navigator.sendBeacon('/call', new Blob([JSON.stringify({ session: now.session, kind: 'bye', why: 'lost' })], { type: 'application/json' })); });
setInterval(() => { if (now?.link) fetch('/here', { method: 'POST' }).catch(() => {}); }, 60000); // who talks is there

async function invite(call, video, button) {
  if (now) return;
  now = { call, video };
  const mine = now;
  button.disabled = true;
  show('ringing');
  try {
    mine.local = await media(video);
    own.srcObject = video ? mine.local : null;
    const answer = await post({ kind: 'invite', call, video });
    if (!answer?.ok) return end('lost');
    const { session, ice, relay } = await answer.json();
    if (now !== mine) return post({ session, kind: 'bye', why: 'hangup' }); // hung up meanwhile
    Object.assign(mine, { session, ice, relay });
  } catch (e) {
    end(e.name === 'NotAllowedError' || e.name === 'NotFoundError' || e.name === 'SecurityError' ? 'no-device' : 'lost');
  } finally {
    button.disabled = false;
  }
}

async function take(s) {
  const key = `${s.session} ${s.kind} ${s.n}`;
  if (seen.has(key)) return;
  for (let i = 0; now && !now.session && i < 50; i++) await new Promise((r) => setTimeout(r, 40)); // the yes came before the answer
  seen.add(key);
  if (!now || s.session !== now.session) return;
  if (s.kind === 'bye') return end(s.why);
  if (s.kind !== 'offer' || now.link) return;
  const { session } = now;
  now.link = peer({ ice: now.ice, relay: now.relay, remote: far, ended: bye, connected: () => { show('on'); post({ session, kind: 'connected' }); } });
  show('connecting');
  box.toggleAttribute('data-picture', Boolean(s.camera));
  try {
    await post({ session, kind: 'answer', sdp: await now.link.answer(now.local, s.sdp) });
  } catch {
    bye('lost');
  }
}

function mute(button) {
  for (const track of now?.local?.getAudioTracks() ?? []) {
    track.enabled = !track.enabled;
    button.setAttribute('aria-pressed', String(!track.enabled));
  }
}

async function bye(why) {
  const session = now?.session;
  end(why);
  if (session) await post({ session, kind: 'bye', why });
}

function end(why) {
  const was = now;
  now = undefined;
  was?.link?.close();
  release(was?.local);
  far.srcObject = own.srcObject = null;
  show(why === 'hangup' ? '' : why);
  setTimeout(() => { if (!now) show(''); }, 8000);
}

// show says how it stands, in the words that the page brought along.
function show(state) {
  box.hidden = !state;
  box.dataset.state = state;
  const says = box.querySelector('[role="status"]');
  says.textContent = state ? says.dataset[state === 'on' ? 'talking' : state.replace('-', '')] ?? says.dataset.lost : '';
  box.toggleAttribute('data-video', Boolean(now?.video));
  for (const b of box.querySelectorAll('button')) b.hidden = !now;
}

function post(signal) {
  return fetch('/call', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(signal) }).catch(() => null);
}
