// Offers paging buttons where something is longer than its place: nothing on the
// page depends on a finger that drags.

// scrolled returns the box that the buttons of a pager move.
export function scrolled(name) {
  if (name === 'rows') return document.getElementById('rows');
  const main = document.getElementById('main');
  return document.documentElement.classList.contains('reach') ? main.querySelector('.do') : main;
}

export function fit() {
  for (const name of ['rows', 'main']) {
    const box = scrolled(name);
    const pager = document.getElementById(`${name}-pager`);
    if (!box || !pager) continue;
    pager.hidden = true;
    pager.hidden = box.scrollHeight <= box.clientHeight + 2;
  }
}

addEventListener('resize', fit);
fit();
