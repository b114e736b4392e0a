// Makes calls heard and felt: a figure of tones for each priority, again after
// growing pauses, until somebody has the call. While the page is open the screen
// stays on.

const pauses = [5, 10, 20, 30]; // seconds; then the last again and again
const figures = { 1: [988, 0, 988, 0, 1319], 2: [880, 0, 880], 3: [784], 4: [659] };
const shakes = { 1: [200, 100, 200, 100, 400], 2: [200, 100, 200], 3: [150], 4: [] };
let sound, playing, timer, of = '', times = 0, lock;

// alarm says what sounds now: a priority (0: nothing) and the calls it is for. A
// new call begins anew, one that somebody took is heard no more.
export function alarm(priority, calls) {
  const had = new Set(of.split(' '));
  const fresh = calls.split(' ').some((id) => id && !had.has(id));
  of = calls;
  if (!priority) {
    if (timer) hush();
    clearTimeout(timer);
    timer = undefined;
    times = 0;
    return;
  }
  alarm.priority = priority;
  if (!fresh && timer) return;
  clearTimeout(timer);
  times = 0;
  ring();
}

function ring() {
  play(alarm.priority);
  timer = setTimeout(ring, pauses[Math.min(times, pauses.length - 1)] * 1000);
  times++;
}

function play(priority) {
  navigator.vibrate?.(shakes[priority] ?? []);
  if (!sound || sound.state !== 'running') return;
  playing?.disconnect();
  const gain = playing = sound.createGain();
  gain.connect(sound.destination);
  let at = sound.currentTime;
  for (const hertz of figures[priority] ?? []) {
    if (hertz) tone(gain, hertz, at);
    at += hertz ? 0.13 : 0.06;
  }
}

// hush ends a figure in its middle.
function hush() {
  navigator.vibrate?.(0);
  playing?.disconnect();
  playing = undefined;
}

function tone(gain, hertz, at) {
  const o = sound.createOscillator();
  o.frequency.value = hertz;
  o.connect(gain);
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.3, at + 0.01);
  gain.gain.linearRampToValueAtTime(0, at + 0.12);
  o.start(at);
  o.stop(at + 0.13);
}

// wake makes use of a touch: browsers let a page sound only after one.
export function wake() {
  sound ??= globalThis.AudioContext ? new AudioContext() : undefined;
  if (sound?.state === 'suspended') sound.resume();
  document.querySelector('[data-sound]')?.setAttribute('aria-pressed', 'true');
  keepOn();
}

// keepOn asks for the screen to stay on, which needs no touch. A browser lets go
// of it when the page is hidden, so it is asked again when the page is back.
export async function keepOn() {
  if (lock && !lock.released || document.visibilityState !== 'visible') return;
  lock = { released: false }; // asked
  lock = await navigator.wakeLock?.request('screen').catch(() => undefined);
}

document.addEventListener('visibilitychange', keepOn);
