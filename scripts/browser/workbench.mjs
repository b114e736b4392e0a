// Starts a whole lane, and a hub beside it, as programs of their own with all
// devices simulated.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './browser.mjs';

const sleep = (ms) => new Promise((r) => setTimeout(r, ms));

// until waits until something holds, at most so many milliseconds.
export async function until(what, holds, limit = 60000) {
  for (const end = Date.now() + limit; ; await sleep(25)) {
    if (await holds()) return;
    assert.ok(Date.now() < end, `${what}: not within ${limit} ms`);
  }
}

// health is what a program says of itself, undefined while it does not.
export const health = async (url) => (await fetch(`${url}healthz`).catch(() => null))?.json().catch(() => undefined);

// build puts the programs into a new folder, but for those that KASSA_BIN has
// built already, and returns both folders.
export function build(name, ...more) {
  const dir = mkdtempSync(join(tmpdir(), `kassa-${name}-`));
  const made = process.env.KASSA_BIN;
  const wanted = [...made ? [] : ['./cmd/kassa', './cmd/kassa-sim', './cmd/kassa-hub'], ...more];
  if (wanted.length > 0) {
    const built = spawnSync('go', ['build', '-o', `${dir}/bin/`, ...wanted], { cwd: root, stdio: 'inherit' });
    assert.equal(built.status, 0);
  }
  return { dir, bin: made ?? `${dir}/bin` };
}

// workbench starts a lane in a folder below dir, with a hub if it is told so, and
// returns when it sells. stop ends it; the folder stays.
export async function workbench({ dir, bin }, { hub = false, args = [] } = {}) {
  const at = `${dir}/lane`;
  const program = spawn(`${bin}/kassa-sim`, [
    'run', '--dir', at, '--listen', '127.0.0.1:0', '--screen', '127.0.0.1:0', '--kassa', `${bin}/kassa`,
    ...hub ? ['--hub', `${bin}/kassa-hub`, '--hub-listen', '127.0.0.1:0'] : [], ...args,
  ], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  program.stdout.on('data', (d) => { said += d; });
  const gone = new Promise((r) => program.once('exit', r));
  const ended = gone.then((code) => { throw new Error(`kassa-sim ended with ${code}`); });
  ended.catch(() => {}); // after stop nobody minds
  await Promise.race([ended, until('the workbench is up', () => (hub ? /console +http/.test(said) && existsSync(`${at}/console.url`) : /configuration/.test(said)))]);
  const one = {
    dir: at,
    url: said.match(/workbench\s+(\S+)/)[1],
    lane: said.match(/shopper's page\s+(\S+)/)[1],
    hub: said.match(/console\s+(http:\S+?\/)device/)?.[1],
    // up waits until the lane sells, and with a hub until they hear each other.
    up: () => until('lane and hub are up', async () => {
      const l = await health(one.lane);
      if (!hub) return l?.ok;
      const h = await health(one.hub);
      return l?.hub === 'up' && h?.ok && h.lanes.some((x) => !x.lost);
    }),
    // act does a line of a play script.
    act: async (line) => {
      const answer = await fetch(`${one.url}do`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: line });
      assert.equal(answer.status, 204, `${line}: ${await answer.text()}`);
    },
    // run runs one of the programs to its end.
    run: (name, ...words) => spawnSync(`${bin}/${name}`, words, { encoding: 'utf8' }),
    stop: async () => {
      program.kill('SIGTERM');
      await gone;
    },
  };
  await Promise.race([ended, one.up()]);
  return one;
}

// clean takes the folder of build away.
export function clean({ dir }) {
  if (process.env.KASSA_KEEP) console.log(`kept: ${dir}`);
  else rmSync(dir, { recursive: true, force: true });
}
