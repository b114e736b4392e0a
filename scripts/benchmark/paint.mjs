// Opens the shopper's page and prints, for each line that appears in the basket,
// its GTIN and when it was painted: {"gtin":"...","at":milliseconds since 1970}.
// "After paint" is the first task after the frame that holds the change.
import { launch } from '../browser/browser.mjs';

const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1080, height: 1920 } });
await page.exposeFunction('painted', (gtin, at) => console.log(JSON.stringify({ gtin, at })));
await page.addInitScript(() => {
  const seen = new Set();
  const look = () => {
    for (const line of document.querySelectorAll('[data-line][data-gtin]')) {
      const { gtin } = line.dataset;
      const key = `${line.dataset.line} ${gtin}`;
      if (seen.has(key)) continue;
      seen.add(key);
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => window.painted(gtin, performance.timeOrigin + performance.now());
        port2.postMessage(null);
      });
    }
    if (!document.querySelector('[data-line]')) seen.clear();
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true });
});
await page.goto(process.argv[2]);
await page.waitForSelector('main[data-screen]');
console.log('ready');
const end = async () => {
  await browser.close();
  process.exit(0);
};
process.on('SIGINT', end);
process.on('SIGTERM', end);
setInterval(() => {}, 1 << 30);
