// Keeps the shell of the page, so that an installed console opens and says that
// the hub is away. It keeps nothing that the hub said of calls or shoppers.

const name = 'kassa-console-BUILD';
const shell = ['/shell', '/static/shell.js?v=BUILD', '/static/console.css?v=BUILD', '/shared/tokens.css?v=BUILD', '/icon/192.png'];

addEventListener('install', (e) => {
  e.waitUntil(caches.open(name).then((c) => c.addAll(shell)).then(() => skipWaiting()));
});

addEventListener('activate', (e) => {
  const old = (keys) => Promise.all(keys.filter((k) => k !== name).map((k) => caches.delete(k)));
  e.waitUntil(caches.keys().then(old).then(() => clients.claim()));
});

addEventListener('fetch', (e) => {
  const to = new URL(e.request.url);
  if (e.request.method !== 'GET' || to.origin !== location.origin || to.pathname === '/events') return;
  if (e.request.mode === 'navigate') e.respondWith(fetch(e.request).catch(() => caches.match('/shell')));
  else if (shell.includes(to.pathname + to.search)) e.respondWith(caches.match(e.request).then((kept) => kept ?? fetch(e.request)));
});
