// Finds the admin pages by following their links, and looks a page over: accessibility, width, requests. Judges nothing
// by itself: it hands back what it found.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// A page's kind: its path with every number left out. Visitors' are hexadecimal.
export const kindOf = (address) => new URL(address, "http://x").pathname.replace(/(?<=\/visitors\/)[0-9a-f]+|\d+/g, "N");

// Visits one page of each kind (or up to `each`) that links lead to from `starts`, and calls `look` on each with its
// path. Files are not visited, nor what `skip` matches. Ends when no link leads anywhere new; answers the kinds.
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

// What axe has against the page as it stands now, one line each. `only` names rules; else all of WCAG 2.1 A and AA and
// what is good practice.
export async function faults(page, only) {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe);
  const run = only
    ? { runOnly: { type: "rule", values: only } }
    : { runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] } };
  const { violations } = await page.evaluate((run) => window.axe.run(document, { ...run, resultTypes: ["violations"] }), run);
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} (${node.failureSummary?.split("\n").slice(1, 3).join("; ").trim()})`));
}

// How far the page scrolls sideways, in pixels; 0 is as it should be.
export const sideways = (page) => page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth));

// Which requests the page needed, but for what the browser had kept from earlier.
export const requests = (page) => page.evaluate(() =>
  [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .filter((entry) => entry.transferSize > 0).map((entry) => new URL(entry.name).pathname));
