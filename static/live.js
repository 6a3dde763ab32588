// live.js: adds new rows to the live page. The server sends each row of the log as escaped HTML, and this script puts it
// into the page. Without the script, users reload the page.

import { localTimes } from "./pixeld.js";

// The most rows on the page.
const MOST_ROWS = 200;

const card = document.querySelector("[data-live]");
const list = card.querySelector("[data-live-list]");
const empty = card.querySelector("[data-live-empty]");
const state = card.querySelector("[data-live-state]");
const pause = card.querySelector("[data-live-pause]");

let source = null;
let paused = false;
let came = 0;
let trouble = "";
let address = card.dataset.live;

const events = (count) => `${count} new ${count === 1 ? "event" : "events"}`;

function say(text, kind = "") {
  if (state.textContent !== text) state.textContent = text;
  state.classList.toggle("is-live", kind === "live");
  state.classList.toggle("is-lost", kind === "lost");
}

function tellState() {
  if (paused) say("Paused. New events are shown when you resume.");
  else if (trouble) say(trouble, "lost");
  else say(came === 0 ? "Live: waiting for events" : `Live: ${events(came)}`, "live");
}

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

// The server sends a row again once it is judged. A row that the user has opened stays open.
function show(event) {
  const row = parse(event.data);
  if (!row) return;
  localTimes(row);
  const old = document.getElementById(row.id);
  if (old) {
    const open = old.querySelector("details").open;
    const focused = old.querySelector("summary") === document.activeElement;
    old.replaceWith(row);
    row.querySelector("details").open = open;
    if (focused) row.querySelector("summary").focus();
    return;
  }
  row.classList.add("is-new");
  list.prepend(row);
  while (list.children.length > MOST_ROWS) list.lastElementChild.remove();
  empty.hidden = true;
  came += 1;
  tellState();
}

function more() {
  const gap = document.createElement("li");
  gap.className = "event-gap";
  gap.textContent = "Too many events to show all. Use a filter.";
  if (list.firstElementChild?.className !== gap.className) list.prepend(gap);
}

function open() {
  if (source || paused) return;
  source = new EventSource(address);
  trouble = "";
  source.addEventListener("open", tellState);
  source.addEventListener("row", (event) => { remember(event); show(event); });
  source.addEventListener("more", more);
  source.addEventListener("trouble", (event) => { trouble = event.data; tellState(); });
  source.addEventListener("signed-out", () => { close(); paused = true; say("You are signed out. Reload the page to sign in again.", "lost"); });
  // The newer page keeps the stream until the user takes it back here.
  source.addEventListener("replaced", () => { togglePause(); say("Too many of your pages are live, so this one stopped. Press Resume to continue here.", "lost"); });
  source.addEventListener("error", () => {
    // The browser reconnects by itself, but not after an answer that is no stream.
    if (source?.readyState === EventSource.CLOSED) {
      close();
      say("Live updates have stopped. Reload the page.", "lost");
    } else {
      say("Connection lost. Trying again …", "lost");
    }
  });
}

// The next stream continues where this one ended.
function remember(event) {
  const url = new URL(address, location.href);
  url.searchParams.set("after", event.lastEventId);
  address = url.pathname + url.search;
}

function close() {
  source?.close();
  source = null;
}

function togglePause() {
  paused = !paused;
  pause.textContent = paused ? "Resume" : "Pause";
  pause.setAttribute("aria-pressed", String(paused));
  if (paused) close();
  tellState();
  open();
}

pause.addEventListener("click", togglePause);

// A hidden page needs no stream, and browsers allow few at once.
document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
addEventListener("pagehide", close);
open();
