// The site tag on pages of a shop: it asks nothing without a sign of an ad, and once with one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EVERYWHERE, newPage, reloadUntil, startBrowser, startBrowserAlone, testIn } from "../support/browser.mjs";
import { logged, pxid, speculate, startCollecting, startFront } from "../support/collect.mjs";
import { startSite } from "../support/servers.mjs";

// A page with the site tag. Its policy admits the server's scripts and requests alone, and the icon that Firefox asks for.
const withTag = (server, more = "", rest = "", id = 1) => `<!doctype html><meta http-equiv="content-security-policy"
  content="default-src 'none'; script-src ${server.url}; connect-src ${server.url}; img-src 'self'"><title>Shop</title>
  <script async src="${server.url}/site.js?id=${id}" ${more}></script>${rest}`;

// Opens a page, and keeps every request that goes to the server: `reports` those to /landing.
async function visit(t, browser, server, options) {
  const page = await newPage(t, browser, { bypassCSP: false, ...options });
  const reports = [], asked = [];
  page.context().on("request", (request) => {
    if (!request.url().startsWith(server.url)) return;
    asked.push(`${request.method()} ${request.url().slice(server.url.length)}`);
    if (request.url() === `${server.url}/landing`) reports.push(JSON.parse(request.postData() ?? "null"));
  });
  // The tag has run once it is noted.
  const open = async (url) => {
    await page.goto(url);
    await page.waitForFunction(() => window.pixeld?.sites?.[1]);
  };
  const reported = (count) => until(() => reports.length >= count, `${count} reports`);
  return { page, reports, asked, open, reported };
}

// Waits until something holds that the browser's requests decide.
async function until(holds, what) {
  const end = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`never came: ${what}`);
    await new Promise((turn) => setTimeout(turn, 20));
  }
}

testIn(EVERYWHERE, "without a sign of an ad the site tag asks nothing and sets nothing", async (t, browser) => {
  const { server } = await startCollecting(t, browser);
  const shop = await startSite(t, { "/": withTag(server) });
  const { page, asked, open } = await visit(t, browser, server);
  const hex = "0a".repeat(20);
  for (const query of ["", "?", "?q=shoes&page=2", "?utm_source=&gclid=%20", `?session=${hex}`, "?x=1#gclid=abc", "?utm=x&gclidx=1"]) {
    await open(shop.url + "/" + query);
  }
  assert.equal(await pxid(page), undefined);
  assert.deepEqual([...new Set(asked)], ["GET /site.js?id=1"]);
});

test("an arrival is one request that carries the listed parameters alone", async (t) => {
  const browser = await startBrowser(t);
  const { server, page: admin } = await startCollecting(t, browser);
  const shop = await startSite(t, {
    "/shoes/red": withTag(server),
    "/search": (url) => `<!doctype html><title>Search</title><a href="${url.searchParams.get("to").replaceAll("&", "&amp;")}">Ad</a>`,
  });
  const { page, reports, asked, open, reported } = await visit(t, browser, server, { own: ["localhost"] });
  const query = "utm_source=google&UTM_Campaign=autumn%20sale&gclid=Cj0-_a&email=anna%40b.example&fbclid=1&fbclid=2&__proto__=x";
  const landing = `${shop.url}/shoes/red?${query}#utm_term=never`;
  await page.goto(`${shop.url.replace("127.0.0.1", "localhost")}/search?to=${encodeURIComponent(landing)}`);
  await page.getByRole("link", { name: "Ad" }).click();
  await reported(1);
  await page.waitForLoadState("load");
  assert.deepEqual(reports, [{
    id: 1,
    page_url: `${shop.url}/shoes/red`,
    referrer: shop.url.replace("127.0.0.1", "localhost"),
    parameters: { utm_source: ["google"], UTM_Campaign: ["autumn sale"], gclid: ["Cj0-_a"], fbclid: ["1", "2"] },
  }]);
  await admin.goto(`${server.url}/admin/live?kind=click`);
  await reloadUntil(admin, admin.locator(".event"));
  const event = await admin.locator(".event").innerText();
  for (const part of ["arrived", "utm_source google", "utm_campaign autumn sale", "gclid …0-_a", "fbclid 2"]) {
    assert.ok(event.includes(part), `${part}: ${event}`);
  }
  assert.match((await pxid(page))?.value ?? "none", /^[0-9a-f]{16}$/);
  // Another arrival in the same browser, by the visitor who is known now.
  await open(`${shop.url}/shoes/red?gclid=second`);
  await reported(2);
  const others = asked.filter((request) => request !== "GET /site.js?id=1");
  assert.deepEqual(others, ["POST /landing", "POST /landing"], "no preflight, nothing else");
});

test("a single-page shop reports what it was opened with, once", async (t) => {
  const browser = await startBrowser(t);
  const { server } = await startCollecting(t, browser);
  const twice = `<script async src="${server.url}/site.js?id=1&amp;again"></script>`;
  const shop = await startSite(t, { "/": withTag(server, "", twice) });
  const { page, reports, open, reported } = await visit(t, browser, server);
  await open(`${shop.url}/?gclid=first`);
  await reported(1);
  await page.waitForLoadState("load");
  await page.evaluate(() => {
    history.pushState({}, "", "/?gclid=pushed&utm_source=x");
    dispatchEvent(new PopStateEvent("popstate"));
  });
  await open(`${shop.url}/?gclid=second`);
  await reported(2);
  await page.waitForLoadState("load");
  assert.deepEqual(reports.map((report) => report.parameters), [{ gclid: ["first"] }, { gclid: ["second"] }]);
});

test("a malformed id and a forged token are reported too, and shown harmless", async (t) => {
  const browser = await startBrowser(t);
  const { server, page: admin } = await startCollecting(t, browser);
  const shop = await startSite(t, { "/": withTag(server) });
  const { reports, open, reported } = await visit(t, browser, server);
  const forged = `A${"g".repeat(39)}`;
  await open(`${shop.url}/?gclid=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E`);
  await open(`${shop.url}/?any=${forged}`);
  await open(`${shop.url}/?utm_campaign=${encodeURIComponent("<b>autumn</b>")}&gclid=${"x".repeat(9_000)}`);
  await reported(3);
  assert.equal(reports[2].parameters.gclid[0].length, 600);
  await admin.goto(`${server.url}/admin/live?kind=click`);
  await reloadUntil(admin, admin.locator(".event:nth-child(3)"));
  assert.equal(await admin.locator(".event img, .event script").count(), 0);
  const text = await admin.locator(".event").allInnerTexts();
  assert.ok(text.every((event) => event.includes("1 warning")), text.join("\n"));
  assert.ok(text[0].includes("<b>autumn</b>"));
});

test("data-consent waits for the page's word", async (t) => {
  const browser = await startBrowser(t);
  const { server } = await startCollecting(t, browser);
  const shop = await startSite(t, { "/": withTag(server, 'data-consent="wait"'), "/odd": withTag(server, 'data-consent="later"') });
  const { page, reports, open, reported } = await visit(t, browser, server);
  const says = (yes) => page.evaluate((yes) => window.pixeld.consent(yes), yes);
  await open(`${shop.url}/?gclid=refused`);
  await says(false);
  await open(`${shop.url}/?gclid=silent`);
  await open(`${shop.url}/odd?gclid=odd`);
  await open(`${shop.url}/?gclid=granted`);
  // Meanwhile the shop may show another view.
  await page.evaluate(() => history.pushState({}, "", "/cart"));
  await says(true);
  await says(true);
  await reported(1);
  await open(`${shop.url}/`);
  await says(true);
  assert.deepEqual(reports.map((report) => [report.parameters, report.page_url]), [[{ gclid: ["granted"] }, `${shop.url}/`]]);
  // A call that came before the script waits in the queue.
  await page.addInitScript(() => {
    window.pixeld = function () { (window.pixeld.q = window.pixeld.q || []).push(arguments); };
    window.pixeld("consent", true);
  });
  await open(`${shop.url}/?gclid=queued`);
  await reported(2);
});

// Plays a consent platform that is there later than the tag, and keeps its listeners.
const platform = (name) => (page) => page.addInitScript((name) => {
  const listeners = window.listeners = [];
  setTimeout(() => {
    window[name] = (...call) => call[0] === "addEventListener" ? listeners.push(call.at(-1)) : window.removed = call.at(-1);
  }, 50);
}, name);

test("data-consent passes on what the consent platform says", async (t) => {
  const browser = await startBrowser(t);
  const { server } = await startCollecting(t, browser);
  const shop = await startSite(t, { "/tcf": withTag(server, 'data-consent="tcf"'), "/gpp": withTag(server, 'data-consent="gpp"') });
  const string = "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA";
  const cases = [
    ["tcf", "__tcfapi", [{ gdprApplies: true, eventStatus: "cmpuishown", tcString: "" }], null],
    ["tcf", "__tcfapi", [{ gdprApplies: true, eventStatus: "useractioncomplete", tcString: string, listenerId: 7 }], { gdpr: 1, gdpr_consent: string }],
    ["tcf", "__tcfapi", [{ gdprApplies: false, eventStatus: "tcloaded", tcString: "" }], { gdpr: 0, gdpr_consent: "" }],
    ["gpp", "__gpp", [{ pingData: { signalStatus: "not ready" } }], null],
    ["gpp", "__gpp", [{ listenerId: 7, pingData: { signalStatus: "ready", gppString: "DBABLA~BVQqAAAAAgA", sectionList: [7], applicableSections: [7] } }], { gpp: "DBABLA~BVQqAAAAAgA" }],
    ["gpp", "__gpp", [{ pingData: { signalStatus: "ready", gppString: `DBABMA~${string}`, sectionList: [2], applicableSections: [2] } }], { gpp: `DBABMA~${string}`, gdpr: 1, gdpr_consent: string }],
  ];
  let count = 0;
  for (const [path, name, said, passed] of cases) {
    const { page, reports, open, reported } = await visit(t, browser, server);
    await platform(name)(page);
    await open(`${shop.url}/${path}?gclid=c${++count}`);
    await page.waitForFunction(() => window.listeners.length > 0);
    assert.deepEqual(reports, [], `${path} waits`);
    await page.evaluate((said) => said.forEach((data) => window.listeners[0](data, true)), said);
    if (passed) {
      await reported(1);
      const { id, page_url, referrer, parameters, ...consent } = reports[0];
      assert.deepEqual(consent, passed, path);
    }
    await open(`${shop.url}/${path}`);
    assert.equal(reports.length, passed ? 1 : 0, JSON.stringify(said));
  }
});

test("a browser without keepalive sends a beacon, and another site's page reports as well", async (t) => {
  const browser = await startBrowser(t);
  const { server } = await startCollecting(t, browser);
  const shop = await startSite(t, { "/": withTag(server) });
  const { page, reports, open, reported } = await visit(t, browser, server, { own: ["localhost"] });
  await open(`${shop.url.replace("127.0.0.1", "localhost")}/?gclid=elsewhere`);
  await reported(1);
  await page.addInitScript(() => {
    delete Request.prototype.keepalive;
    window.fetch = () => { throw new Error("not by fetch"); };
  });
  const answer = page.waitForResponse(`${server.url}/landing`);
  await open(`${shop.url}/?gclid=beacon`);
  assert.equal((await answer).status(), 204);
  assert.deepEqual(reports.map((report) => report.parameters.gclid), [["elsewhere"], ["beacon"]]);
  assert.match((await pxid(page))?.value ?? "none", /^[0-9a-f]{16}$/);
});

test("a prerendered landing page reports when the visitor opens it", async (t) => {
  const browser = await startBrowser(t);
  const { server, page } = await startCollecting(t, browser);
  let reportPrerender;
  const isPrerendered = new Promise((resolve) => (reportPrerender = resolve));
  let open;
  const mayOpen = new Promise((resolve) => (open = resolve));
  const landing = "/shoes?gclid=prerendered";
  const front = await startFront(t, server.url, {
    "/": `<!doctype html><title>Start</title><script>fetch("/go").then(() => location.assign("${landing}"))</script>${speculate("prerender", landing)}`,
    "/shoes": `<!doctype html><title>Shoes</title><script src="/site.js?id=1"></script><script>fetch("/here?" + document.prerendering)</script>`,
    "/here": () => reportPrerender() ?? "",
    "/go": () => mayOpen.then(() => ""),
  });
  await startBrowserAlone(t, front);
  await isPrerendered;
  open();
  assert.deepEqual(await logged(page, server, "click", 1), ["real"]);
});
