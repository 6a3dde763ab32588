// Finds the admin pages by their links, and examines a page: accessibility, width, requests, focus. Except for dead links,
// the callers decide what is a fault.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// A page's kind: its path with N for each number. The numbers of visitors are hexadecimal.
export const kindOf = (address) => new URL(address, "http://x").pathname.replace(/(?<=\/visitors\/)[0-9a-f]+|\d+/g, "N");

// Follows the links from `starts` to one page of each kind (or up to `each`), and calls `look` with the path of each page.
// Leaves out files and paths that match `skip`. Resolves with the kinds.
export async function crawl(page, url, { starts = ["/admin"], each = 1, skip = /^$/, waitUntil = "load", look = async () => {} } = {}) {
  const seen = new Map();
  const waiting = [...starts];
  const offered = new Set(starts);
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    const kind = kindOf(path);
    if ((seen.get(kind) ?? 0) >= each && !starts.includes(path)) continue;
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
    const answer = await page.goto(url + path, { waitUntil });
    if (answer.status() !== 200) throw new Error(`a link leads to ${path}, which answers ${answer.status()}`);
    if (!starts.includes(path) && (await page.locator("#odd").count())) throw new Error(`a link leads to ${path}, which says: ${await page.locator("#odd").innerText()}`);
    await look(path);
    const links = await page.locator('a[href^="/admin"]:not([download])').evaluateAll((all) => all.map((a) => a.getAttribute("href")));
    for (const link of links.map((link) => link.split("#")[0])) {
      if (offered.has(link) || skip.test(link) || /\.(txt|csv|tsv|json|xlsx|parquet)(\?|$)/.test(link)) continue;
      offered.add(link);
      waiting.push(link);
    }
  }
  return [...seen.keys()];
}

// The faults that axe finds on the open page, one line each. `only` names rules; the default is WCAG 2.2 A and AA and
// good practice.
export async function faults(page, only) {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe);
  const run = only
    ? { runOnly: { type: "rule", values: only } }
    : { runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] } };
  const { violations } = await page.evaluate((run) => window.axe.run(document, { ...run, resultTypes: ["violations"] }), run);
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} (${node.failureSummary?.split("\n").slice(1, 3).join("; ").trim()})`));
}

// What breaks the rules of the look on the open page: more than one primary button, a weight over 600, a box within a box,
// a word that the screens do not use.
export const oddities = (page) => page.evaluate(({ words, terms }) => {
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });
  const main = document.querySelector("main");
  const odd = [];
  const primary = [...main.querySelectorAll(".button.primary")].filter(shown);
  if (primary.length > 1) odd.push(`${primary.length} primary buttons: ${primary.map((button) => button.textContent.trim()).join(", ")}`);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const heavy = new Set();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !shown(element)) continue;
    if (Number(getComputedStyle(element).fontWeight) > 600) heavy.add(node.textContent.trim().slice(0, 40));
  }
  for (const text of heavy) odd.push(`a weight over 600: ${text}`);
  // What people typed, what is copied, and what a request held is quoted, not said.
  const said = main.cloneNode(true);
  for (const quoted of said.querySelectorAll("code, pre, textarea, script, template, .term, .quoted")) quoted.remove();
  for (const word of words) if (new RegExp(word, "iu").test(said.textContent)) odd.push(`says ${word}: ${said.textContent.match(new RegExp(`.{0,30}${word}.{0,30}`, "iu"))[0].replace(/\s+/g, " ")}`);
  // A label that is a term of the glossary has its ? in its own section, and only one in its row.
  const helps = (part, term) => part.querySelectorAll(`summary[aria-label="What is ${term}?"]`).length;
  for (const label of main.querySelectorAll("label, legend, th, dt, h2, .tile-name")) {
    if (label.closest(".quoted, .glossary, .choice, template") || !shown(label)) continue;
    const own = [...label.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE || node.nodeName === "A").map((node) => node.textContent).join("");
    const word = own.split(/[:,]/)[0].trim().toLowerCase();
    const term = terms.find((term) => word === term.toLowerCase() || word === `${term.toLowerCase()}s`);
    let part = label;
    while (part !== main && !part.matches("section, fieldset, .tiles")) part = part.parentElement;
    if (term && !helps(part, term)) odd.push(`the label ${own.trim()} has no ?`);
  }
  for (const row of main.querySelectorAll("tr, dl, .tiles, .checkboxes")) {
    for (const term of terms) if (helps(row, term) > 1) odd.push(`the term ${term} has several ? in one row or list`);
  }
  return odd;
}, { words: UNSAID, terms: TERMS });

// The terms of the glossary.
const TERMS = [...readFileSync(new URL("../../../src/admin/text/glossary.rs", import.meta.url), "utf8").matchAll(/term\(\s*"([^"]+)"/g)].map((match) => match[1]);

// Words that the screens have a plainer one for.
const UNSAID = ["\\bfires?\\b(?! sale)", "\\bunattributed\\b", "\\bnot counted\\b", "\\bpiggyback", "\\bpublishers?\\b", "\\btrigger type", "\\blookback", "\\bexposures?\\b", "\\bwhoever\\b", "\\banew\\b", "\\d %"];

// How far the page scrolls sideways, in pixels.
export const sideways = (page) => page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth));

// The paths that the page requested, without those from the browser's cache.
export const requests = (page) => page.evaluate(() =>
  [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .filter((entry) => entry.transferSize > 0).map((entry) => new URL(entry.name).pathname));

export const isFocused = (locator) => locator.evaluate((element) => element === document.activeElement);

// Presses Tab until the locator has the focus.
export async function tabTo(page, locator) {
  for (let presses = 0; presses < 120; presses += 1) {
    if (await isFocused(locator)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${locator}`);
}
