// Takes the README's pictures from a lane and a workbench that run:
//
//   scripts/pictures/take
//
// It shops a little, photographs the shopper's page in two languages and the
// workbench beside it, and writes PNG files into this folder.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, panels } from '../browser/browser.mjs';

const [workbench, lane, dir, bin] = process.argv.slice(2);
const here = fileURLToPath(new URL('.', import.meta.url));

function wire(...acts) {
  const script = join(dir, 'acts.txt');
  writeFileSync(script, `${acts.join('\n')}\n`);
  const played = spawnSync(join(bin, 'kassa-sim'), ['play', script, '--dir', dir, '--kassa', join(bin, 'kassa'), '--speed', '4'], { encoding: 'utf8' });
  if (played.status !== 0) throw new Error(played.stdout + played.stderr);
}

const browser = await launch();
const open = async (viewport, scale, url) => {
  const page = await (await browser.newContext({ viewport, deviceScaleFactor: scale, reducedMotion: 'reduce' })).newPage();
  await page.goto(url);
  return page;
};
const page = await open(panels.portrait, 0.5, lane);
const shown = (name) => page.locator(`main[data-screen="${name}"]`).waitFor({ timeout: 20000 });
const take = (of, name) => of.screenshot({ path: join(here, `${name}.png`) });

await shown('start');
await take(page, 'start');
await page.locator('[data-act="language"][data-value="ar"]').click();
await shown('bags');
await page.locator('[data-act="bags"][data-value="0"]').click();
await shown('basket');
wire(
  'scan 9521234001010', 'put bag 9521234001010', 'wait 1s', 'scan 9521234001034', 'put bag 9521234001034', 'wait 1s',
  'scan 9521234001041', 'put bag 9521234001041', 'wait 1s', 'touch find', 'touch add code=4011', 'put scale 4011 735g',
  'expect 10s line 4011', 'put bag 4011', 'wait 3s',
);
await page.locator('[data-plu="4011"]').waitFor();
await take(page, 'basket-ar');
wire('touch find', 'expect 5s screen find');
await shown('find');
await take(page, 'find-ar');
wire('touch back', 'touch language value=en', 'wait 1s');
await page.locator('html[lang="en"]').waitFor();
await take(page, 'basket');
const bench = await open({ width: 1440, height: 1000 }, 0.7, workbench);
await bench.waitForTimeout(2500); // it streams and never rests
await take(bench, 'workbench');
wire('touch pay', 'touch tender value=card', 'expect 10s screen paying');
await shown('paying');
await take(page, 'paying');
wire('card tap', 'expect 20s screen receipt', 'touch receipt value=none', 'take bag all');
await browser.close();
