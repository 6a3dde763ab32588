// keys.js: the search of the menu as one types, and the shortcuts of the keyboard. Everything works without it.
// It takes its lists from pages of this server, and sends nothing elsewhere.

import { enhanceSelects } from "./choose.js";

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const make = (tag, values) => Object.assign(document.createElement(tag), values);
const partOf = async (address, options) => {
  const answer = await fetch(address, options);
  if (!answer.ok || answer.redirected) throw new Error("no answer");
  return new DOMParser().parseFromString(await answer.text(), "text/html");
};

// ── Search: a combobox over the results of /admin/search ──────────────────────
const form = document.querySelector(".find");
const input = form?.querySelector("[type=search]");
const box = make("div", { className: "find-pop", id: "find-results", role: "listbox", ariaLabel: "Results", hidden: true });
const status = make("p", { className: "unseen", role: "status" });
let timer;
let asked;

const options = () => all("[role=option]", box);
const chosen = () => box.querySelector('[aria-selected="true"]');

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
}

function close() {
  clearTimeout(timer);
  asked?.abort();
  choose(null);
  box.hidden = true;
  input.ariaExpanded = "false";
}

async function search() {
  const text = input.value.trim();
  if (text.length < 2) { close(); return; }
  asked?.abort();
  asked = new AbortController();
  try {
    const part = await partOf(`/admin/search?part=results&q=${encodeURIComponent(text)}`, { signal: asked.signal });
    choose(null);
    box.replaceChildren(...part.body.childNodes);
  } catch {
    return;
  }
  box.hidden = false;
  input.ariaExpanded = "true";
  const count = options().length;
  status.textContent = count === 1 ? "1 result" : `${count} results`;
}

if (input) {
  for (const [name, value] of [["role", "combobox"], ["aria-expanded", "false"], ["aria-controls", box.id], ["aria-autocomplete", "list"]]) input.setAttribute(name, value);
  form.append(box, status);
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, 150); });
  input.addEventListener("focus", () => { if (input.value) search(); });
  form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) close(); });
  // A click must not take the focus away before it opens its link.
  box.addEventListener("mousedown", (event) => event.preventDefault());
  input.addEventListener("keydown", (event) => {
    const list = options();
    const at = list.indexOf(chosen());
    const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? list.length - 1 : at - 1 }[event.key];
    if (to !== undefined && !box.hidden) { event.preventDefault(); choose(list[to] ?? null); }
    else if (event.key === "Enter" && at >= 0) { event.preventDefault(); list[at].click(); }
    else if (event.key === "Escape") {
      event.stopPropagation();
      event.preventDefault();
      if (!box.hidden) close();
      else if (input.value) input.value = "";
      else input.blur();
    }
  });
}

function toSearch() {
  if (input?.checkVisibility()) { input.focus(); input.select(); } else document.querySelector('.topbar a[href="/admin/search"]')?.click();
}

// ── Lists: the rows that j and k move between, and a skip link to the first ────
const rows = () => all("main .table tbody tr, main .found li, main .stream .event").filter((row) => row.checkVisibility());
const opener = (row) => row.querySelector("a.row, .name a, a, summary");

function move(step) {
  const openers = rows().map(opener).filter(Boolean);
  const at = openers.findIndex((link) => link === document.activeElement || link.closest("tr, li, .event") === document.activeElement?.closest("tr, li, .event"));
  const to = openers[at < 0 ? (step > 0 ? 0 : -1) : at + step];
  to?.focus();
  to?.scrollIntoView({ block: "nearest" });
}

const table = document.querySelector("main .table:has(tbody a), main .stream");
const skip = document.querySelector(".skip");
if (table && skip) {
  // Past the heads, which have a link each.
  const rowsOf = table.querySelector("tbody") ?? table;
  rowsOf.id ||= "rows";
  rowsOf.tabIndex = -1;
  skip.after(make("a", { className: "skip", href: `#${rowsOf.id}`, textContent: "Skip to the table" }));
}

// ── Shortcuts ─────────────────────────────────────────────────────────────────
async function help() {
  const part = await partOf("/admin/help").catch(() => null);
  const list = part?.getElementById("keyboard");
  if (!list) { location.assign("/admin/help#keyboard"); return; }
  const from = document.activeElement;
  const dialog = make("dialog", { className: "dialog keys", ariaLabel: "Keyboard shortcuts" });
  list.removeAttribute("id");
  const actions = make("div", { className: "actions" });
  const done = make("button", { className: "button", type: "button", textContent: "Close", autofocus: true });
  actions.append(done);
  dialog.append(list, actions);
  document.body.append(dialog);
  done.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => { dialog.remove(); from?.focus(); });
  dialog.showModal();
}

const follow = (selector) => document.querySelector(selector)?.click();
const KEYS = {
  "/": toSearch,
  "?": help,
  j: () => move(1),
  k: () => move(-1),
  e: () => follow('main .head a[href$="/edit"], main .head a[href*="/edit?"]'),
  n: () => follow('main .head a[href$="/new"], main .head a[href*="/new?"], main a[href$="/new"]'),
};
let goes = 0;

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault();
    toSearch();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (document.documentElement.dataset.shortcuts === "off" || document.querySelector("dialog[open]")) return;
  if (event.target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]")) return;
  const now = Date.now();
  if (now < goes) {
    goes = 0;
    const link = document.querySelector(`.side [data-key="${CSS.escape(event.key)}"]`);
    if (link) { event.preventDefault(); link.click(); }
    return;
  }
  if (event.key === "g") { goes = now + 1500; return; }
  const act = Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : null;
  if (act && !(event.repeat && event.key !== "j" && event.key !== "k")) { event.preventDefault(); act(); }
});

enhanceSelects();
