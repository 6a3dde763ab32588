// Starts the real program on a free port with a data directory of its own, a real Chromium, and small web sites that
// play the shop and the publisher. Everything a test starts ends with it. Nothing here waits by sleeping.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

// A condition that has not come by then is a failure, in milliseconds.
export const PATIENCE = 20_000;

export const ADMIN = { member: "ProStarr Sportswear", user: "ada", password: "correct horse battery" };

const root = fileURLToPath(new URL("../../..", import.meta.url));
const program = path.join(process.env.CARGO_TARGET_DIR ?? path.join(root, "target"), "debug", "pixeld");

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

// Chromium looks for nothing on the network by itself: the tests see every request there is.
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

// Ends what a test started, the latest first: pages before the browser, the browser before the server.
const endings = new WeakMap();
function atEnd(t, end) {
  if (!endings.has(t)) {
    endings.set(t, []);
    t.after(async () => {
      const failures = [];
      for (const end of endings.get(t).reverse()) await end().catch((failure) => failures.push(failure));
      if (failures.length > 0) throw failures[0];
    });
  }
  endings.get(t).push(end);
}

// Runs the program and hands its lines to `read` until that answers with what it learnt.
async function start(t, args, read) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("PIXELD_")));
  // A limit on its files is to fail its writes, as a full disk does, not to end it.
  const child = spawn("sh", ["-c", 'trap "" XFSZ; exec "$0" "$@"', program, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
  atEnd(t, async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
  });
  const learn = async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      const learnt = read(line);
      if (learnt) return learnt;
    }
    throw new Error(`pixeld ${args[0]} ended before it said where it answers and how to come in`);
  };
  const learnt = await learn();
  // Whatever it says later must not fill the pipe.
  child.stdout.resume();
  return { ...learnt, pid: child.pid };
}

// Runs `pixeld serve` on a fresh database and resolves once it answers. `url` is its address.
export async function startServer(t, args = []) {
  const directory = await mkdtemp(path.join(tmpdir(), "pixeld-browser-"));
  atEnd(t, () => rm(directory, { recursive: true, force: true }));
  let url = null;
  let setupCode = null;
  return start(t, ["serve", "--listen", "127.0.0.1:0", "--data-dir", directory, ...args], (line) => {
    url ??= line.match(/ready at (http:\S+)/)?.[1] ?? null;
    setupCode ??= line.match(/set-up code: (\S+)/)?.[1] ?? null;
    return url && setupCode ? { url, setupCode, directory } : null;
  });
}

// Runs `pixeld demo` and resolves once it answers. `user` and `password` are those to sign in with.
export async function startDemo(t) {
  return start(t, ["demo", "--listen", "127.0.0.1:0"], (line) => {
    const found = line.match(/(http:\S+)\/admin .*user (\S+), password (\S+)/);
    return found && { url: found[1], user: found[2], password: found[3] };
  });
}

// A browser for one test file.
export async function startBrowser(t) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  atEnd(t, () => browser.close());
  return browser;
}

// A browser that nobody drives, on this page: whoever drives one keeps it from prerendering.
export async function startBrowserAlone(t, url) {
  const directory = await mkdtemp(path.join(tmpdir(), "pixeld-profile-"));
  atEnd(t, () => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  const child = spawn(CHROMIUM, ["--headless=new", ...FLAGS, `--user-data-dir=${directory}`, url], { stdio: "ignore" });
  atEnd(t, async () => {
    child.kill("SIGTERM");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  });
}

// A browser whose user has chosen whether other sites' cookies are let in (what a browser does by itself depends on who
// built it), and which finds the names `*.example` on this machine.
export async function startBrowserOf(t, { otherSitesCookies }) {
  const directory = await mkdtemp(path.join(tmpdir(), "pixeld-profile-"));
  atEnd(t, () => rm(directory, { recursive: true, force: true }));
  await mkdir(path.join(directory, "Default"));
  const chosen = { profile: { cookie_controls_mode: otherSitesCookies ? 0 : 1 } };
  await writeFile(path.join(directory, "Default", "Preferences"), JSON.stringify(chosen));
  const args = [...FLAGS, "--host-resolver-rules=MAP *.example 127.0.0.1"];
  const context = await chromium.launchPersistentContext(directory, { executablePath: CHROMIUM, args });
  atEnd(t, () => context.close());
  return context.browser();
}

// A page in a browser profile of its own. When the test ends, the page must have shown no script error, broken no
// rule of its Content-Security-Policy and asked no other machine for anything; `own` are further names of this one.
export async function newPage(t, browser, { colorScheme = "light", viewport, javaScriptEnabled = true, own = [], ...more } = {}) {
  // The headless browser names itself so, and would be taken for the bot that it is.
  const major = browser.version().split(".")[0];
  const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36`;
  const context = await browser.newContext({
    userAgent,
    colorScheme,
    javaScriptEnabled,
    viewport: viewport ?? { width: 1280, height: 900 },
    permissions: ["clipboard-read", "clipboard-write"],
    ...more,
  });
  context.setDefaultTimeout(PATIENCE);
  const faults = [];
  context.on("weberror", (fault) => faults.push(`script error: ${fault.error()}`));
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

// A web site on a port of its own: `pages` gives the HTML by path, or a function from the request's URL to it. Ports
// do not divide cookies, so it is to pixeld what a shop is to a subdomain of its own site.
export async function startSite(t, pages) {
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://127.0.0.1");
    const page = pages[url.pathname];
    response.writeHead(page === undefined ? 404 : 200, { "content-type": "text/html; charset=utf-8" });
    response.end(typeof page === "function" ? page(url) : (page ?? "no such page"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(t, () => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(closed));
  });
  return { url: `http://127.0.0.1:${server.address().port}`, pages };
}

// Goes through the first run and ends signed in, on the overview.
export async function setUp(page, server, admin = ADMIN) {
  await page.goto(server.url + "/admin");
  await page.getByLabel("One-time code").fill(server.setupCode);
  await page.getByLabel("Your organisation").fill(admin.member);
  await page.getByLabel("User").fill(admin.user);
  await page.getByLabel("Password").fill(admin.password);
  await page.getByRole("button", { name: "Create the first admin" }).click();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
}

// Signs in on the sign-in page.
export async function signIn(page, server, { user, password } = ADMIN) {
  await page.goto(server.url + "/admin/sign-in");
  await page.getByLabel("User").fill(user);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

// Makes an advertiser and a pixel as a newcomer would, and ends on the pixel's page.
export async function makePixel(page, server, name = "Purchase") {
  await page.goto(server.url + "/admin");
  await page.getByRole("link", { name: "Add it" }).click();
  await page.getByLabel("Name", { exact: true }).fill("ProStarr Sportswear");
  await page.getByRole("button", { name: "Create advertiser" }).click();
  await page.goto(server.url + "/admin/pixels/new");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Create pixel" }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

// Signs in to the API as a user, and answers a function that sends a request to it and hands back the object it made.
export async function startApi(server, { user, password } = ADMIN) {
  const ask = async (path, body, headers = {}) => {
    const answer = await fetch(server.url + path, { method: "POST", headers, body: JSON.stringify(body) });
    const { response } = await answer.json();
    assert.equal(response.status, "OK", `${path}: ${response.error}`);
    return response;
  };
  const { token } = await ask("/auth", { auth: { username: user, password } });
  return async (service, object, query = "") => {
    const made = await ask(`/${service}?${query}`, { [service]: object }, { Authorization: token });
    return made[service];
  };
}

// Reloads until the locator shows; each round waits for the page to load.
export async function reloadUntil(page, locator) {
  const end = Date.now() + PATIENCE;
  while (!(await locator.first().isVisible())) {
    if (Date.now() > end) {
      throw new Error(`never came: ${locator}\n${await page.locator("body").innerText()}`);
    }
    await page.reload();
  }
}
