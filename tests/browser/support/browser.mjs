// Starts a real Chromium or Firefox and opens pages in it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { chromium, firefox } from "playwright-core";
import { atEnd, shared } from "./lifetime.mjs";

// Every wait for a condition fails after this long, in milliseconds.
export const PATIENCE = 20_000;

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

// Chromium must ask the network for nothing of its own: the tests look at every request.
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

// One browser for all tests. Each page has a profile of its own (`newPage`).
export const startBrowser = shared(async (t) => {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  atEnd(t, () => browser.close());
  return browser;
}, (browser) => browser.isConnected());

// The same of Firefox, as Debian ships it: Playwright drives it by WebDriver BiDi.
const startFirefox = shared(async (t) => {
  const browser = await firefox.launch({ channel: "moz-firefox", executablePath: FIREFOX });
  atEnd(t, () => browser.close());
  return browser;
}, (browser) => browser.isConnected());

const BROWSERS = { Chromium: startBrowser, Firefox: startFirefox };

// Declares a test once for each of these browsers. `body` gets the test, the browser and its name. All other tests run in
// Chromium alone.
export function testIn(names, title, body) {
  for (const name of names) test(`${title} (${name})`, async (t) => body(t, await BROWSERS[name](t), name));
}

export const EVERYWHERE = Object.keys(BROWSERS);

// A browser on this page without Playwright, which keeps a browser from prerendering.
export async function startBrowserAlone(t, url) {
  const directory = await mkdtemp(path.join(tmpdir(), "pixeld-profile-"));
  atEnd(t, () => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  const child = spawn(CHROMIUM, ["--headless=new", ...FLAGS, `--user-data-dir=${directory}`, url], { stdio: "ignore" });
  atEnd(t, async () => {
    child.kill("SIGTERM");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  });
}

// A browser that admits or blocks the cookies of other sites; the default depends on the build. It finds the names
// `*.example` on this machine.
export async function startBrowserOf(t, { otherSitesCookies }) {
  const directory = await mkdtemp(path.join(tmpdir(), "pixeld-profile-"));
  atEnd(t, () => rm(directory, { recursive: true, force: true }));
  await mkdir(path.join(directory, "Default"));
  const preferences = { profile: { cookie_controls_mode: otherSitesCookies ? 0 : 1 } };
  await writeFile(path.join(directory, "Default", "Preferences"), JSON.stringify(preferences));
  const args = [...FLAGS, "--host-resolver-rules=MAP *.example 127.0.0.1"];
  const context = await chromium.launchPersistentContext(directory, { executablePath: CHROMIUM, args });
  atEnd(t, () => context.close());
  return context.browser();
}

// Firefox takes none of these, and needs no user agent of its own.
function ofChromium(browser, colorScheme) {
  if (browser.browserType().name() === "firefox") return {};
  // The headless browser names itself in its user agent, and pixeld would take it for a bot.
  const major = browser.version().split(".")[0];
  const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36`;
  return { userAgent, colorScheme, permissions: ["clipboard-read", "clipboard-write"] };
}

// A page in a profile of its own. When the test ends, it must have had no script error, kept to its
// Content-Security-Policy, and asked no other host; `own` lists further names of this machine.
export async function newPage(t, browser, { colorScheme = "light", viewport, javaScriptEnabled = true, own = [], ...more } = {}) {
  const context = await browser.newContext({
    ...ofChromium(browser, colorScheme),
    javaScriptEnabled,
    viewport: viewport ?? { width: 1280, height: 900 },
    ...more,
  });
  context.setDefaultTimeout(PATIENCE);
  const faults = [];
  // Firefox calls it an error when it refuses a cookie.
  context.on("weberror", (fault) => {
    if (!/Cookie “\w+” has been rejected/.test(fault.error())) faults.push(`script error: ${fault.error()}`);
  });
  context.on("console", (message) => {
    if (/Content.Security.Policy/i.test(message.text())) faults.push(message.text());
  });
  context.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith("http") && !["127.0.0.1", ...own].includes(hostname)) faults.push(`asked ${request.url()}`);
  });
  atEnd(t, async () => {
    await context.close();
    assert.deepEqual(faults, []);
  });
  return context.newPage();
}

// Reloads until the locator is visible. Each round waits for the page to load.
export async function reloadUntil(page, locator) {
  const end = Date.now() + PATIENCE;
  while (!(await locator.first().isVisible())) {
    if (Date.now() > end) {
      throw new Error(`never came: ${locator}\n${await page.locator("body").innerText()}`);
    }
    await page.reload();
  }
}
