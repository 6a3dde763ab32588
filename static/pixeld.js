// pixeld.js: makes the admin pages quicker to use. Every form works without it.
// It reads only data attributes, writes no HTML and no styles (the CSP forbids inline ones), and sends nothing elsewhere.

import { urlFault } from "./url.js";

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const toast = document.querySelector(".toast");
let toastTimer;

/** Shows a message at the foot of the page for three seconds; screen readers read it out. */
export function say(text) {
  if (!toast) return;
  toast.textContent = text;
  toast.classList.add("is-shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => toast.classList.remove("is-shown"), 3000);
}

document.documentElement.classList.add("has-js");

// ── Copy: <button data-copy="id of the text"> ─────────────────────────────────
async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  if (!source) return;
  const text = "value" in source ? source.value : source.textContent;
  try {
    await navigator.clipboard.writeText(text);
    say("Copied");
  } catch {
    // No clipboard on plain http: select the text, so that one key press copies it.
    const range = document.createRange();
    range.selectNodeContents(source);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    source.focus();
    say("Selected. Press Ctrl or ⌘ and C to copy.");
  }
}

// ── Rows: [data-rows=name] holds [data-row]s, at most data-most, and a <template>; N in its ids becomes the next number ──
function addRow(name) {
  const rows = document.querySelector(`[data-rows="${name}"]`);
  const template = rows?.querySelector("template");
  if (!template) return;
  if (rows.querySelectorAll("[data-row]").length >= Number(rows.dataset.most ?? Infinity)) { say(`At most ${rows.dataset.most}.`); return; }
  const next = Number(rows.dataset.next ?? rows.querySelectorAll("[data-row]").length) + 1;
  rows.dataset.next = String(next);
  const row = template.content.cloneNode(true);
  for (const element of all("[id], [for]", row)) {
    for (const attribute of ["id", "for"]) {
      const value = element.getAttribute(attribute);
      if (value) element.setAttribute(attribute, value.replace(/_N$/, `_${next}`));
    }
  }
  rows.insertBefore(row, template);
  rows.querySelector("[data-row]:last-of-type")?.querySelector("select, input")?.focus();
}

function removeRow(button) {
  const row = button.closest("[data-row]");
  const rows = row.closest("[data-rows]");
  const near = row.previousElementSibling ?? row.nextElementSibling;
  row.remove();
  const target = near?.matches("[data-row]") ? near.querySelector("[data-remove-row]") : document.querySelector(`[data-add-row="${rows.dataset.rows}"]`);
  target?.focus();
  const form = rows.closest("[data-refresh]");
  if (form) refresh(form);
  else say("Removed. Save to keep this.");
}

// ── Own values: an option's data-post-click becomes the placeholder of [data-own=postClick] in its row ──
function showOwn(select) {
  const own = select.selectedOptions[0]?.dataset ?? {};
  for (const input of all("[data-own]", select.closest("[data-row]"))) input.placeholder = own[input.dataset.own] ?? "";
}

// ── URLs, checked as typed: <input data-url> ───────────────────────────────────
function checkUrl(input) {
  const fault = urlFault(input.value.trim());
  const id = `${input.id}-error`;
  let note = document.getElementById(id);
  const others = (input.getAttribute("aria-describedby") ?? "").split(" ").filter((word) => word && word !== id);
  if (!fault) {
    note?.remove();
    input.removeAttribute("aria-invalid");
  } else {
    if (!note) {
      note = document.createElement("p");
      note.className = "error";
      note.id = id;
      input.after(note);
    }
    if (note.textContent !== fault) note.textContent = fault;
    input.setAttribute("aria-invalid", "true");
    others.unshift(id);
  }
  if (others.length) input.setAttribute("aria-describedby", others.join(" "));
  else input.removeAttribute("aria-describedby");
}

// ── Refresh: when something changes in form[data-refresh=name], the [data-refresh-part=name] of its answer takes the place of the page's ──
let refreshed = 0;
async function refresh(form) {
  const turn = (refreshed += 1);
  const { pathname } = new URL(form.action);
  const address = `${pathname}?${new URLSearchParams(new FormData(form))}`;
  const answer = await fetch(address).catch(() => null);
  const text = await answer?.text();
  if (turn !== refreshed || !text) return;
  const part = `[data-refresh-part="${form.dataset.refresh}"]`;
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector(part);
  if (!fresh) { location.assign(address); return; }
  const { id, name, value } = document.activeElement;
  const old = document.querySelector(part);
  for (const fold of all("details[id]", old)) { const same = fresh.querySelector(`#${fold.id}`); if (same) same.open = fold.open; }
  old.replaceWith(fresh);
  history.replaceState(null, "", address);
  const focused = id ? document.getElementById(id) : all("input", fresh).find((input) => input.name === name && input.value === value);
  focused?.focus();
}

// ── Filter: <input data-filters="id of a select"> leaves the options that hold all its words; the chosen one stays ──
function filterOptions(input) {
  const select = document.getElementById(input.dataset.filters);
  if (!select) return;
  select.whole ??= [...select.children].map((child) => child.cloneNode(true));
  const { value } = select;
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const words = fold(input.value).split(/\s+/).filter(Boolean);
  const fits = (option, group) => option.value === value || words.every((word) => fold(`${group} ${option.text} ${option.value}`).includes(word));
  select.replaceChildren(...select.whole.map((child) => child.cloneNode(true)));
  for (const group of all("optgroup", select)) {
    for (const option of all("option", group)) if (!fits(option, group.label)) option.remove();
    if (!group.children.length) group.remove();
  }
  select.value = value;
}

// ── Confirm: data-confirm on a form or on one of its buttons. Without JavaScript the server shows its confirm page ──
function ask(form, submitter, words) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  const make = (tag, className, text) => Object.assign(document.createElement(tag), { className, textContent: text });
  const title = make("h2", "", words.confirm);
  title.id = "dialog-title";
  dialog.setAttribute("aria-labelledby", title.id);
  const actions = make("div", "actions", "");
  const no = Object.assign(make("button", "button", "Keep it as it is"), { type: "button", autofocus: true });
  const yes = Object.assign(make("button", "button danger", words.confirmLabel ?? "Go ahead"), { type: "button" });
  actions.append(no, yes);
  dialog.append(title, make("p", "", words.confirmText ?? ""), actions);
  document.body.append(dialog);
  no.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => { dialog.remove(); submitter?.focus(); });
  yes.addEventListener("click", () => {
    const sure = Object.assign(document.createElement("input"), { type: "hidden", name: "confirmed", value: "yes" });
    form.append(sure);
    form.dataset.sure = "yes";
    dialog.close();
    form.requestSubmit(submitter);
    // Takes the confirmation back, for users who return to this page with the back button.
    setTimeout(() => { sure.remove(); delete form.dataset.sure; });
  });
  dialog.showModal();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const words = event.submitter?.dataset.confirm ? event.submitter.dataset : form.dataset;
  if (!words.confirm || form.dataset.sure || !("HTMLDialogElement" in window)) return;
  event.preventDefault();
  ask(form, event.submitter, words);
});

// ── Select all: [data-select-all] over [data-select] in one [data-select-form] ──
function countSelected(form) {
  const boxes = all("[data-select]", form);
  const ticked = boxes.filter((box) => box.checked).length;
  const head = form.querySelector("[data-select-all]");
  if (head) {
    head.checked = ticked > 0 && ticked === boxes.length;
    head.indeterminate = ticked > 0 && ticked < boxes.length;
  }
  const words = form.querySelector("[data-select-count]");
  if (words) words.textContent = ticked === 0 ? words.dataset.none : `${ticked} selected`;
}

// ── Times: in the viewer's zone, "40 s ago" within the hour; the exact time is on hover ─────
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const dayOf = (at) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
function nearness(at, now, seconds) {
  const clock = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: seconds ? "2-digit" : undefined });
  const age = Math.floor((now - at) / 1000);
  if (!seconds && age >= 0 && age < 3600) return age < 5 ? "just now" : age < 60 ? `${age} s ago` : `${Math.floor(age / 60)} min ago`;
  const days = Math.round((dayOf(now) - dayOf(at)) / 86_400_000);
  if (days === 0) return `Today ${clock}`;
  if (days === 1) return `Yesterday ${clock}`;
  const year = at.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return `${at.toLocaleDateString("en-GB", { day: "numeric", month: "short", year })} ${clock}`;
}
/** The live page calls it again for new rows. */
export function localTimes(root = document) {
  const now = new Date();
  for (const time of all("time[datetime]:not([data-zoned])", root)) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    time.title = `${at.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" })}, ${zone}`;
    time.textContent = nearness(at, now, "seconds" in time.dataset);
  }
}

// ── Passwords: a button beside each that shows it. It hides again before the form is sent ──
function offerToShow(input) {
  const label = document.querySelector(`label[for="${input.id}"]`)?.textContent.trim().toLowerCase() ?? "password";
  const button = Object.assign(document.createElement("button"), { type: "button", className: "show" });
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.textContent = shown ? "Hide" : "Show";
    button.ariaLabel = `${button.textContent} ${label}`;
  };
  show(false);
  button.addEventListener("click", () => { show(input.type === "password"); input.focus(); });
  input.form?.addEventListener("submit", () => show(false));
  input.after(button);
}
for (const input of all("input[type=password]")) offerToShow(input);

// What floats over the page closes on Escape and on a click outside.
const FLOATS = ".menu[open], .who[open], .pick[open], .help[open]";

// The sentences of a ? open beside it, within the window. Without a script they open in the corner.
function placeHelp(help) {
  const [text, sign] = [help.querySelector("p"), help.getBoundingClientRect()];
  text.style.inset = "0 auto auto 0";
  const box = text.getBoundingClientRect();
  const left = Math.max(16, Math.min(sign.left - 12, document.documentElement.clientWidth - box.width - 16));
  const top = sign.bottom + 8 + box.height < innerHeight ? sign.bottom + 8 : sign.top - 8 - box.height;
  text.style.inset = `${top - box.top}px auto auto ${left - box.left}px`;
}
document.addEventListener("toggle", (event) => { if (event.target.matches?.(".help[open]")) placeHelp(event.target); }, true);
document.addEventListener("scroll", () => { for (const open of all(".help[open]")) placeHelp(open); }, { capture: true, passive: true });

// ── One listener each ─────────────────────────────────────────────────────────
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.copy) copy(button);
  else if (button?.dataset.addRow) { event.preventDefault(); addRow(button.dataset.addRow); }
  else if (button && "removeRow" in button.dataset) removeRow(button);
  if (!event.target.closest("dialog")) for (const open of all(FLOATS)) if (!open.contains(event.target)) open.open = false;
});
document.addEventListener("keydown", (event) => {
  // Escape closes the question of a menu's button before the menu.
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) for (const open of all(FLOATS)) { open.open = false; open.querySelector("summary").focus(); }
});
document.addEventListener("input", (event) => { if ("filters" in event.target.dataset) filterOptions(event.target); });
document.addEventListener("input", (event) => { if ("url" in event.target.dataset && event.target.ariaInvalid === "true") checkUrl(event.target); });
document.addEventListener("change", (event) => {
  const box = event.target;
  if ("url" in box.dataset) checkUrl(box);
  if ("showsOwn" in box.dataset) showOwn(box);
  if (box.form && "refresh" in box.form.dataset) refresh(box.form);
  // <input data-sets="name of a select" data-to="value">: to fill in the one is to choose the other.
  if (box.dataset.sets && box.value) box.form.elements[box.dataset.sets].value = box.dataset.to;
  const form = box.closest("[data-select-form]");
  if (!form) return;
  if ("selectAll" in box.dataset) all("[data-select]", form).forEach((other) => { other.checked = box.checked; });
  countSelected(form);
});
for (const form of all("[data-select-form]")) {
  const words = form.querySelector("[data-select-count]");
  if (words) words.dataset.none = words.textContent;
  form.querySelector("[data-select-all]")?.removeAttribute("hidden");
  countSelected(form);
}
document.querySelector(".form > .notice[role=alert]")?.focus();
localTimes();

// ── Set-up: proposes the viewer's time zone ─────────────────────────────────────────────────
const proposal = document.querySelector(".proposal");
const zoneField = proposal?.querySelector("[name=timezone]");
if (zoneField && zoneField.value === "" && zone) {
  zoneField.value = zone;
  proposal.querySelector("[data-zone-shown]").textContent = `, ${zone}`;
}

// ── Set-up: [data-poll=ms] takes its new content from the same page, as long as the page is seen ──
const polled = document.querySelector("[data-poll]");
async function poll() {
  if (document.hidden) return;
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector(".wait");
  if (!fresh) return;
  localTimes(fresh);
  if (fresh.innerHTML === polled.innerHTML) return;
  // The first credited sale changes the whole page.
  if (fresh.matches("[data-poll]")) polled.replaceChildren(...fresh.childNodes);
  else location.reload();
}
if (polled) setInterval(poll, Number(polled.dataset.poll));
