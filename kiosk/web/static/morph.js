// Makes one element look like another piece of HTML by changing as little as it
// can: elements with an id keep their node, so focus, scroll places and open
// sheets stay, and a new line touches one row.

const policy = globalThis.trustedTypes
  ? trustedTypes.createPolicy('kassa', { createHTML: (html) => html })
  : { createHTML: (html) => html };

// parse returns the first element of a piece of HTML. It comes from our own
// server, where html/template has escaped whatever strangers wrote.
export function parse(html) {
  const box = document.createElement('template');
  box.innerHTML = policy.createHTML(html);
  return box.content.firstElementChild;
}

// morph turns node into want.
export function morph(node, want) {
  if (node.nodeType !== want.nodeType || node.nodeName !== want.nodeName || key(node) !== key(want)) {
    node.replaceWith(want);
    return want;
  }
  if (node.nodeType !== Node.ELEMENT_NODE) {
    if (node.nodeValue !== want.nodeValue) node.nodeValue = want.nodeValue;
    return node;
  }
  attributes(node, want);
  children(node, want);
  return node;
}

function key(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.id : '';
}

function attributes(node, want) {
  const mine = node.matches('details') ? ['open'] : node.id === 'lost' || node.id.endsWith('-pager') ? ['hidden'] : [];
  for (const { name } of [...node.attributes]) {
    if (!want.hasAttribute(name) && !mine.includes(name)) node.removeAttribute(name);
  }
  for (const { name, value } of want.attributes) {
    if (node.getAttribute(name) !== value && !mine.includes(name)) node.setAttribute(name, value);
  }
  if (node instanceof HTMLInputElement && !node.hasAttribute('data-keep') && node !== document.activeElement && node.value !== want.value) {
    node.value = want.value;
  }
}

// children brings the nodes of want into node. Children with an id are found
// wherever they stand; the others are matched in their order.
function children(node, want) {
  const keyed = new Map();
  for (const child of node.children) if (child.id) keyed.set(child.id, child);
  let at = node.firstChild;
  for (const next of [...want.childNodes]) {
    const id = key(next);
    const same = id ? keyed.get(id) : plainMatch(at, next);
    if (!same) {
      node.insertBefore(next, at);
      continue;
    }
    if (same === at) at = at.nextSibling;
    else node.insertBefore(same, at);
    morph(same, next);
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

function plainMatch(at, next) {
  return at && !key(at) && at.nodeName === next.nodeName ? at : null;
}
