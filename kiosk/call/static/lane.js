// The shopper's end of a video or voice call. What stands on the page is the
// server's; here are only her camera, her microphone and the connection. Both are
// off until she has touched a yes, and off again at the end.

import { media, peer, release } from './peer.js';

const me = sessionStorage.callPage ??= crypto.randomUUID(); // the same after a reload
const seen = new Set();
let now; // {session, link, local}
globalThis.kassaCall = () => now?.link?.pc; // for tests

const box = () => document.getElementById('call');

addEventListener('kassa-signal', (e) => take(e.detail));
addEventListener('kassa-drawn', check);
addEventListener('click', (e) => {
  const button = e.target.closest('[data-media]');
  if (!button) return;
  if (button.dataset.media === 'mute') mute(button);
  else if (button.dataset.media === 'yes') yes(button);
  else bye(button.dataset.media === 'no' ? 'declined' : 'hangup');
});
addEventListener('pagehide', () => { if (now) navigator.sendBeacon('/call', new Blob([JSON.stringify({ session: now.session, kind: 'bye', why: 'lost', page: me })], { type: 'application/json' })); });

// yes switches on what she chose and offers a connection.
async function yes(button) {
  const { session } = box().dataset;
  const video = box().hasAttribute('data-video'), camera = button.hasAttribute('data-camera');
  if (now) return;
  now = { session };
  box().setAttribute('data-busy', '');
  try {
    const { ice, relay } = await (await fetch('/call')).json();
    now.local = await media(camera);
    if (now?.session !== session) return;
    const remote = document.getElementById('call-far');
    now.link = peer({ ice, relay, remote, ended: bye });
    const own = document.getElementById('call-own');
    own.srcObject = camera ? now.local : null;
    const sdp = await now.link.offer(now.local, video);
    if (!(await post({ session, kind: 'offer', camera: now.local.getVideoTracks().length > 0, sdp }))) stop();
  } catch (e) {
    await bye(e.name === 'NotAllowedError' || e.name === 'NotFoundError' || e.name === 'SecurityError' ? 'denied' : 'lost', session);
  } finally {
    box()?.removeAttribute('data-busy');
  }
}

function mute(button) {
  for (const track of now?.local?.getVideoTracks() ?? []) {
    track.enabled = !track.enabled;
    button.setAttribute('aria-pressed', String(!track.enabled));
  }
}

async function take(s) {
  const key = `${s.session} ${s.kind} ${s.n}`;
  if (seen.has(key)) return;
  seen.add(key);
  if (s.session !== now?.session) return;
  if (s.kind === 'answer') await now.link?.accept(s.sdp).catch(() => bye('lost'));
  if (s.kind === 'bye') stop();
}

// check ends what this page no longer has: it was loaded anew in a call.
function check() {
  const { session, state, page } = box()?.dataset ?? {};
  if (state === 'on' && page === me && now?.session !== session) post({ session, kind: 'bye', why: 'lost' });
  else if (state !== 'on' && state !== 'asked' && now) stop();
  if (now?.link) document.getElementById('call-far')?.play?.().catch(() => {});
  const mine = state === 'asked' || page === me;
  if (box()) box().toggleAttribute('data-elsewhere', Boolean(state) && !mine);
}

async function bye(why, session = now?.session ?? box()?.dataset.session) {
  stop();
  await post({ session, kind: 'bye', why });
}

function stop() {
  const was = now;
  now = undefined;
  was?.link?.close();
  release(was?.local);
  for (const id of ['call-far', 'call-own']) {
    const video = document.getElementById(id);
    if (video) video.srcObject = null;
  }
}

async function post(signal) {
  const answer = await fetch('/call', {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ ...signal, page: me }),
  }).catch(() => null);
  return answer?.ok;
}

check();
