// The workbench's page: what is clicked becomes one line of a play script,
// posted to /do; what it shows comes as a state from /events.
"use strict";

const $ = (id) => document.getElementById(id);
let hand = null; // { code, name, plu } of the article taken from the shelf
let torn = 0; // number of the first line of paper not torn off

async function act(line) {
  try {
    const answer = await fetch("/do", { method: "POST", headers: { "Content-Type": "text/plain" }, body: line });
    if (!answer.ok) say((await answer.text()).trim());
    return answer.ok;
  } catch {
    say("The workbench does not answer.");
    return false;
  }
}

let quiet = 0;
function say(text) {
  $("says").textContent = text;
  $("says").hidden = false;
  clearTimeout(quiet);
  quiet = setTimeout(() => { $("says").hidden = true; }, 5000);
}

// A code goes between quotation marks when it holds more than a plain word.
const word = (s) => /^[^\s"#\\]+$/.test(s) ? s : '"' + s.replace(/[\\"]/g, "\\$&") + '"';

function take(good) {
  hand = good;
  document.body.classList.toggle("holding", hand !== null);
  for (const b of document.querySelectorAll("[data-good]")) {
    b.setAttribute("aria-pressed", String(hand !== null && b.dataset.good === hand.code));
  }
  $("hand").textContent = hand ? "In your hand: " + hand.name + (hand.plu ? ". It has no barcode: find it on the screen as number " + hand.plu + "." : ".") : "Your hand is empty.";
}

async function place(zone, good) {
  if (!good) { say("Take an article from the shelf first."); return; }
  if (zone === "scan") {
    if (good.plu) { say(good.name + " has no barcode: find it on the screen, number " + good.plu + "."); return; }
    if (await act("scan " + word(good.code))) flash();
    return; // it is still in the hand
  }
  if (await act("put " + zone + " " + word(good.code)) && hand && hand.code === good.code) take(null);
}

function flash() {
  const beam = document.querySelector(".beam");
  beam.classList.add("read");
  setTimeout(() => beam.classList.remove("read"), 180);
}

const goodOf = (b) => ({ code: b.dataset.good, name: b.dataset.name, plu: b.dataset.plu });

document.addEventListener("click", (e) => {
  const b = e.target.closest("button");
  if (!b) return;
  if (b.dataset.do) act(b.dataset.do);
  else if (b.dataset.good) take(hand && hand.code === b.dataset.good ? null : goodOf(b));
  else if (b.dataset.zoneAct) place(b.dataset.zoneAct, hand);
  else if (b.dataset.back) act(b.dataset.back);
});

document.addEventListener("change", (e) => {
  const name = e.target.dataset.cable;
  if (name) act((e.target.checked ? "plug " : "unplug ") + name);
});

$("typed").addEventListener("submit", async (e) => {
  e.preventDefault();
  const code = $("code").value.trim();
  if (code && await act("scan " + word(code))) { flash(); $("code").value = ""; }
});

document.addEventListener("dragstart", (e) => {
  const b = e.target.closest("[data-good]");
  if (!b) return;
  e.dataTransfer.setData("text/plain", b.dataset.good);
  take(goodOf(b));
});
for (const zone of document.querySelectorAll("[data-zone]")) {
  zone.addEventListener("dragover", (e) => { e.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (e) => {
    e.preventDefault();
    zone.classList.remove("over");
    place(zone.dataset.zone, hand);
  });
}

$("lane-start").addEventListener("click", () => fetch("/lane", { method: "POST" }));
$("tear").addEventListener("click", () => { torn = printed; $("paper").replaceChildren(); });

const kilos = (g) => (g < 0 ? "−" : "") + (Math.abs(g) / 1000).toFixed(3);

function plate(name, where, p) {
  $(name + "-w").textContent = kilos(p.grams);
  $(name + "-s").classList.toggle("settled", p.stable);
  const list = $(name + "-p");
  const key = JSON.stringify(p.pieces);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...p.pieces.map((one) => {
    const li = document.createElement("li");
    const text = document.createElement("span");
    text.textContent = one.name + ", " + one.grams + " g";
    const back = document.createElement("button");
    back.type = "button";
    back.textContent = "Take";
    back.setAttribute("aria-label", "Take " + one.name + " back");
    back.dataset.back = "take " + where + " " + word(one.code);
    li.append(text);
    if (where === "scale") {
      const on = document.createElement("button");
      on.type = "button";
      on.textContent = "Bag it";
      on.dataset.back = "put bag " + word(one.code);
      li.append(on);
    }
    li.append(back);
    return li;
  }));
}

let printed = 0; // lines of paper drawn or torn off
let drawing = false;

async function draw(count) {
  if (drawing || count === printed) return;
  drawing = true;
  try {
    const paper = await (await fetch("/paper?from=" + Math.max(printed, torn))).json();
    const roll = $("paper");
    for (const line of paper.lines || []) roll.append(printLine(line));
    while (roll.children.length > 600) roll.firstChild.remove();
    printed = paper.first + (paper.lines || []).length;
    roll.scrollTop = roll.scrollHeight;
  } finally {
    drawing = false;
  }
}

function printLine(line) {
  const div = document.createElement("div");
  if (line.align) div.classList.add(line.align);
  switch (line.kind) {
    case "cut": div.className = "cut"; break;
    case "feed": div.textContent = "\n".repeat(Math.max(0, Math.min(line.lines, 8) - 1)); break;
    case "qr": div.className = "code"; div.textContent = "▦ code: " + line.data; break;
    case "barcode": div.className = "code"; div.textContent = "∥ " + line.data; break;
    case "image": div.append(picture(line)); break;
    default:
      for (const s of line.spans || []) {
        const part = document.createElement(s.bold ? "b" : "span");
        if (s.tall) part.classList.add("tall");
        if (s.wide) part.classList.add("wide");
        part.textContent = s.text;
        div.append(part);
      }
  }
  return div;
}

// picture draws dots as the print head burns them.
function picture(line) {
  const canvas = document.createElement("canvas");
  canvas.width = line.width;
  canvas.height = line.height;
  const bits = atob(line.bits || "");
  const g = canvas.getContext("2d");
  const dots = g.createImageData(line.width, line.height);
  const row = line.width / 8;
  for (let y = 0; y < line.height; y++) {
    for (let x = 0; x < line.width; x++) {
      const black = bits.charCodeAt(y * row + (x >> 3)) & (0x80 >> (x & 7));
      const at = 4 * (y * line.width + x);
      dots.data[at] = dots.data[at + 1] = dots.data[at + 2] = black ? 42 : 255;
      dots.data[at + 3] = 255;
    }
  }
  g.putImageData(dots, 0, 0);
  return canvas;
}

function lane(l) {
  $("lane-state").textContent = !l.ours ? "" : l.running ? "lane running" : l.note ? "lane " + l.note : "lane starting";
  $("power").hidden = !l.ours;
  $("lane-start").hidden = !l.ours || l.running || !l.note;
}

function terminal(t, charges) {
  const amount = t.amount_minor ? "\n" + (t.amount_minor / 100).toFixed(2) : "";
  $("pad").textContent = t.plugged ? t.display + (t.waiting ? amount : "") + (t.cut_after ? "\n(line will be cut)" : "") : "(no cable)";
  for (const b of document.querySelectorAll("[data-card]")) b.disabled = !t.waiting;
  const stand = t.charges.filter((c) => !c.reversed);
  const sum = stand.reduce((n, c) => n + c.amount_minor, 0);
  $("charges").textContent = charges ? charges + (charges === 1 ? " charge, " : " charges, ") + (sum / 100).toFixed(2) + " in all" : "no charges";
}

function slot(c) {
  const money = (minor) => (minor / 100).toFixed(2);
  const asks = c.waiting ? "Please put in " + money(c.amount_minor) + ", " + money(c.in_minor) + " is in" : "Shut";
  $("slot").textContent = !c.plugged ? "(no cable)" : (c.jammed ? "Stands still: something is stuck" : asks) + "\nkept in all " + money(c.kept_minor);
  for (const b of document.querySelectorAll('[data-do^="cash "]')) b.disabled = !c.waiting && !/jam|clear/.test(b.dataset.do);
}

const events = new EventSource("/events");
events.onmessage = (e) => {
  const s = JSON.parse(e.data);
  lane(s.lane);
  $("lamp").dataset.lamp = s.lamp;
  $("lamp-text").textContent = "lane light: " + s.lamp;
  plate("scale", "scale", s.scale);
  plate("bag", "bag", s.bag);
  terminal(s.terminal, s.charges);
  slot(s.cash);
  draw(s.paper.count);
  for (const d of s.devices) {
    const box = document.querySelector('[data-cable="' + d.name + '"]');
    if (box) box.checked = d.plugged;
  }
};
events.onerror = () => { $("lane-state").textContent = "the workbench does not answer"; };

// The shopper's page is shown as a panel of its own size, made smaller to fit.
function fit() {
  const panel = $("panel");
  if (!panel) return;
  const frame = $("lane");
  const width = 1080;
  const scale = Math.min(1, panel.clientWidth / width);
  frame.style.width = width + "px";
  frame.style.height = panel.clientHeight / scale + "px";
  frame.style.transform = "scale(" + scale + ")";
}
addEventListener("resize", fit);
fit();
