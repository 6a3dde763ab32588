// The tracking endpoints as a real browser meets them: a script tag with piggybacks on another origin's page, a beacon
// sent while the page is left, the cookie on plain http and behind a proxy that speaks https, on the shop's own site and
// on another, who opts out, and what is fetched before anybody comes.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer, request as ask } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { test } from "node:test";
import { newPage, reloadUntil, setUp, startApi, startBrowser, startBrowserAlone, startBrowserOf, startServer, startSite } from "../support/harness.mjs";

const DAY = 86_400;

// A server with an advertiser, and a function that makes a pixel of it. `page` is signed in.
async function start(t, browser, args = []) {
  const server = await startServer(t, args);
  const page = await newPage(t, browser);
  await setUp(page, server);
  const make = await startApi(server);
  const advertiser = await make("advertiser", { name: "ProStarr Sportswear" });
  const pixel = (more) => make("pixel", { name: "Purchase", trigger_type: "hybrid", ...more }, `advertiser_id=${advertiser.id}`);
  return { server, page, pixel };
}

// Closes what listens when the test ends.
async function listen(t, server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(closed));
  });
  return server.address().port;
}

// A partner whose script tells the page that it ran; `asked` are the addresses that it was asked for.
async function startPartner(t) {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    const [type, body] = request.url.startsWith("/s.js")
      ? ["application/javascript", `window.partner = ${JSON.stringify(request.url)};`]
      : ["image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'];
    response.writeHead(200, { "content-type": type });
    response.end(body);
  });
  return { url: `http://127.0.0.1:${await listen(t, server)}`, asked };
}

function certificate() {
  const args = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=127.0.0.1 -keyout - -out -";
  const pem = execFileSync("openssl", args.split(" "), { stdio: ["ignore", "pipe", "ignore"] });
  return { key: pem, cert: pem };
}

// A proxy that speaks https to browsers and says so to the server behind it, for a visitor from elsewhere.
async function startProxy(t, target) {
  const { hostname, port } = new URL(target);
  const server = createTlsServer(certificate(), (request, response) => {
    const headers = { ...request.headers, "x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https" };
    const onward = ask({ hostname, port, method: request.method, path: request.url, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  return `https://127.0.0.1:${await listen(t, server)}`;
}

// A shop on a site of its own, over https.
async function startShop(t, page) {
  const server = createTlsServer(certificate(), (_, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(page);
  });
  return `https://127.0.0.1:${await listen(t, server)}`;
}

// Loads a tag's image in the page and hands back its answer's headers.
async function fire(page, url) {
  const answered = page.waitForResponse((response) => response.url() === url);
  await page.evaluate((src) => void (new Image().src = src), url);
  return (await answered).allHeaders();
}

const pxid = async (page) => (await page.context().cookies()).find((cookie) => cookie.name === "pxid");

test("a script tag fires its piggybacks and breaks nothing of the page", async (t) => {
  const browser = await startBrowser(t);
  const { server, page, pixel } = await start(t, browser);
  const partner = await startPartner(t);
  const macros = "o=${ORDER_ID}&v=${VALUE}&c=${CURRENCY}";
  const { id } = await pixel({
    piggyback_pixels: [
      { pixel_type: "js", url: `${partner.url}/s.js?${macros}` },
      { pixel_type: "img", url: `${partner.url}/i?${macros}` },
    ],
  });
  const order = "A&1</script>'\"";
  const tag = `${server.url}/px?id=${id}&t=1&order_id=${encodeURIComponent(order)}&value=49.90`;
  const shop = await startSite(t, {
    "/thank-you": `<!doctype html><title>Thank you</title><h1>Thank you</h1>
      <script>window.before = 1</script><script src="${tag.replaceAll("&", "&amp;")}"></script><script>window.after = 2</script>`,
  });
  const visitor = await newPage(t, browser);
  const loaded = ["/s.js?", "/i?"].map((path) => visitor.waitForResponse((response) => response.url().startsWith(partner.url + path)));
  await visitor.goto(shop.url + "/thank-you");
  for (const response of await Promise.all(loaded)) assert.equal(response.status(), 200);
  await visitor.waitForFunction(() => window.partner);

  const wanted = `o=${encodeURIComponent(order).replaceAll("'", "%27")}&v=49.90&c=USD`;
  assert.deepEqual([...partner.asked].sort(), [`/i?${wanted}`, `/s.js?${wanted}`]);
  const seen = await visitor.evaluate(() => [window.before, window.after, window.partner, document.title, document.body.innerText.trim()]);
  assert.deepEqual(seen, [1, 2, `/s.js?${wanted}`, "Thank you", "Thank you"]);
  await page.goto(server.url + "/admin/conversions");
  await reloadUntil(page, page.getByRole("cell", { name: order, exact: true }));
});

test("a beacon sent while the page is left arrives", async (t) => {
  const browser = await startBrowser(t);
  const { server, page, pixel } = await start(t, browser);
  const { id } = await pixel();
  const shop = await startSite(t, {
    "/cart": `<!doctype html><title>Cart</title><script>
      addEventListener("pagehide", () => navigator.sendBeacon("${server.url}/px", JSON.stringify({ id: ${id}, order_id: "B1", value: 10.5 })));
      </script>`,
    "/next": "<!doctype html><title>Next</title>",
  });
  const visitor = await newPage(t, browser);
  await visitor.goto(shop.url + "/cart");
  await visitor.goto(shop.url + "/next");
  await page.goto(server.url + "/admin/conversions");
  const row = page.getByRole("row").filter({ has: page.getByRole("cell", { name: "B1", exact: true }) });
  await reloadUntil(page, row);
  assert.match(await row.innerText(), /10\.50/);
  assert.match((await pxid(visitor))?.value ?? "none", /^[0-9a-f]{16}$/, "the beacon's answer brings the cookie, too");
});

test("a page's script may read the answer, with its cookie", async (t) => {
  const browser = await startBrowser(t);
  const { server, pixel } = await start(t, browser);
  const { id } = await pixel();
  const shop = await startSite(t, { "/": "<!doctype html><title>Shop</title>" });
  const visitor = await newPage(t, browser);
  await visitor.goto(shop.url);
  // JSON asks beforehand (preflight), and the answer's header may be read.
  const said = await visitor.evaluate(async ([url, id]) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(url, { method: "POST", credentials: "include", headers, body: JSON.stringify({ id, value: "$10" }) });
    return [answer.status, answer.headers.get("x-pixeld")];
  }, [`${server.url}/px`, id]);
  assert.deepEqual(said, [204, "warning=value"]);
});

test("the cookie on plain http, behind a trusted proxy, and behind one that is not", async (t) => {
  const browser = await startBrowser(t);
  for (const { trusted, https, expected } of [
    { https: false, expected: { secure: false, sameSite: "Lax" } },
    { https: true, trusted: true, expected: { secure: true, sameSite: "None" } },
    // Whoever is not trusted may say what he likes of where he comes from.
    { https: true, trusted: false, expected: { secure: false, sameSite: "Lax" } },
  ]) {
    const { server, pixel } = await start(t, browser, trusted ? ["--trusted-proxies", "127.0.0.1"] : []);
    const { id } = await pixel();
    const url = https ? await startProxy(t, server.url) : server.url;
    const visitor = await newPage(t, browser, { ignoreHTTPSErrors: true });
    await visitor.goto(`${url}/optin`);
    const begins = Date.now() / 1000;
    assert.equal((await fire(visitor, `${url}/px?id=${id}`))["x-pixeld"], "ok");
    const { value, expires, ...cookie } = await pxid(visitor);
    assert.deepEqual(cookie, { name: "pxid", domain: "127.0.0.1", path: "/", httpOnly: true, ...expected });
    assert.match(value, /^[0-9a-f]{16}$/);
    assert.ok(Math.abs(expires - begins - 90 * DAY) < 60, `${expires} is 90 days from now`);
    assert.equal(await visitor.evaluate(() => document.cookie), "", "no script sees it");
    await fire(visitor, `${url}/px?id=${id}&cb=2`);
    assert.equal((await pxid(visitor)).value, value, "the same visitor, seen again");
  }
});

test("on another site's page the cookie goes along over https, if the browser lets it", async (t) => {
  const own = ["px.tracker.example", "www.shop.example"];
  for (const otherSitesCookies of [true, false]) {
    const browser = await startBrowserOf(t, { otherSitesCookies });
    const { server, pixel } = await start(t, browser, ["--trusted-proxies", "127.0.0.1"]);
    const { id } = await pixel();
    const proxy = await startProxy(t, server.url);
    const secure = proxy.replace("127.0.0.1", "px.tracker.example");
    const shop = await startShop(t, "<!doctype html><title>Shop</title>");
    const visitor = await newPage(t, browser, { ignoreHTTPSErrors: true, own });
    await visitor.goto(shop.replace("127.0.0.1", "www.shop.example"));

    const first = await fire(visitor, `${secure}/px?id=${id}`);
    assert.equal(first["x-pixeld"], "ok");
    assert.match(first["set-cookie"], /^pxid=[0-9a-f]{16}; Path=\/; Max-Age=7776000; HttpOnly; SameSite=None; Secure$/);
    const second = await fire(visitor, `${secure}/px?id=${id}&cb=2`);
    const beacon = visitor.waitForResponse(`${secure}/px`);
    await visitor.evaluate(([url, id]) => navigator.sendBeacon(url, JSON.stringify({ id })), [`${secure}/px`, id]);
    const third = await (await beacon).allHeaders();
    // An answer renews the cookie that its request brought, and gives a new one where none came.
    const same = [second, third].map((headers) => headers["set-cookie"] === first["set-cookie"]);
    assert.deepEqual(same, [otherSitesCookies, otherSitesCookies]);
    const kept = await pxid(visitor);
    assert.deepEqual([kept?.domain, kept?.secure, kept?.sameSite],
      otherSitesCookies ? ["px.tracker.example", true, "None"] : [undefined, undefined, undefined]);
  }
});

test("on another site's page the cookie does not go along over plain http", async (t) => {
  const browser = await startBrowserOf(t, { otherSitesCookies: true });
  const { server, pixel } = await start(t, browser);
  const { id } = await pixel();
  const shop = await startSite(t, { "/": "<!doctype html><title>Shop</title>" });
  const visitor = await newPage(t, browser, { own: ["px.tracker.example", "www.shop.example"] });
  await visitor.goto(shop.url.replace("127.0.0.1", "www.shop.example"));
  const px = `${server.url.replace("127.0.0.1", "px.tracker.example")}/px?id=${id}`;
  const [first, second] = [await fire(visitor, px), await fire(visitor, `${px}&cb=2`)];
  assert.match(first["set-cookie"], /; SameSite=Lax$/);
  assert.notEqual(second["set-cookie"], first["set-cookie"], "a newcomer each time");
  assert.equal(await pxid(visitor), undefined);
});

test("who opts out is nobody until he opts in again", async (t) => {
  const browser = await startBrowser(t);
  const { server, pixel } = await start(t, browser);
  const { id } = await pixel();
  const visitor = await newPage(t, browser);
  const px = (cb) => `${server.url}/px?id=${id}&cb=${cb}`;
  await visitor.goto(server.url + "/optin");
  assert.equal((await fire(visitor, px(1)))["x-pixeld"], "ok");

  await visitor.getByRole("link", { name: "Opt out" }).click();
  await visitor.getByRole("heading", { name: "You have opted out" }).waitFor();
  assert.equal((await pxid(visitor)).value, "optout");
  const headers = await fire(visitor, px(2));
  assert.equal(headers["x-pixeld"], "no_visitor=opted_out");
  assert.match(headers["set-cookie"], /^pxid=optout;/, "the choice is renewed");
  assert.equal((await pxid(visitor)).value, "optout");

  await visitor.getByRole("link", { name: "Take part again" }).click();
  await visitor.getByRole("heading", { name: "You take part" }).waitFor();
  assert.equal(await pxid(visitor), undefined);
  assert.equal((await fire(visitor, px(3)))["x-pixeld"], "ok");
  assert.match((await pxid(visitor)).value, /^[0-9a-f]{16}$/);
});

test("who asks not to be known gets no cookie", async (t) => {
  const browser = await startBrowser(t);
  const { server, pixel } = await start(t, browser);
  const { id } = await pixel();
  for (const [header, why] of [["Sec-GPC", "gpc"], ["DNT", "dnt"]]) {
    const visitor = await newPage(t, browser, { extraHTTPHeaders: { [header]: "1" } });
    await visitor.goto(server.url + "/optin");
    const headers = await fire(visitor, `${server.url}/px?id=${id}`);
    assert.deepEqual([headers["x-pixeld"], headers["set-cookie"]], [`no_visitor=${why}`, undefined]);
    assert.equal(await pxid(visitor), undefined);
  }
});

// Tells the browser to fetch or prerender a page before anybody goes there.
const ahead = (kind, url) =>
  `<script type="speculationrules">${JSON.stringify({ [kind]: [{ source: "list", urls: [url], eagerness: "immediate" }] })}</script>`;

// A site in front of the server, whose own pages are given by path: what is prerendered must be of one's own origin.
async function startFront(t, target, pages) {
  const { hostname, port } = new URL(target);
  const server = createServer(async (request, response) => {
    const page = pages[request.url.split("?")[0]];
    if (page !== undefined) {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
      return response.end(typeof page === "function" ? await page() : page);
    }
    const onward = ask({ hostname, port, method: request.method, path: request.url, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  return `http://127.0.0.1:${await listen(t, server)}`;
}

// Whether what came in of this kind was real or a prefetch, newest first, once there is as much.
async function cameIn(page, server, kind, many) {
  await page.goto(`${server.url}/admin/live?kind=${kind}`);
  await reloadUntil(page, page.locator(`.event:nth-child(${many})`));
  const marks = await page.locator(".event-marks").allInnerTexts();
  return marks.map((text) => (text.includes("prefetch") ? "prefetch" : "real"));
}

test("a browser that fetches /optin in advance takes no opt-out back", async (t) => {
  const browser = await startBrowser(t);
  const { server } = await start(t, browser);
  for (const kind of ["prefetch", "prerender"]) {
    const front = await startFront(t, server.url, { "/": `<!doctype html><title>Shop</title><a href="/optin">In</a>${ahead(kind, "/optin")}` });
    const visitor = await newPage(t, browser);
    await visitor.goto(`${front}/optout`);
    const fetched = visitor.context().waitForEvent("response", (response) => response.url() === `${front}/optin`);
    await visitor.goto(front);
    assert.equal((await fetched).status(), 503, kind);
    assert.equal((await pxid(visitor)).value, "optout", kind);
    await visitor.getByRole("link", { name: "In" }).click();
    await visitor.getByRole("heading", { name: "You take part" }).waitFor();
    assert.equal(await pxid(visitor), undefined, kind);
  }
});

test("a click that was fetched in advance is counted when it is clicked", async (t) => {
  const browser = await startBrowser(t);
  const { server, page } = await start(t, browser);
  const shop = await startSite(t, { "/landing": "<!doctype html><title>Shop</title><h1>Welcome</h1>" });
  const make = await startApi(server);
  const { id: item } = await make("line-item", { name: "Autumn sale" }, "advertiser_id=1");
  const { id: publisher } = await make("publisher", { name: "News" });
  const tracker = { name: "Banner", line_item_id: item, publisher_id: publisher, click_url: `${shop.url}/landing` };
  const { id } = await make("clicktracker", tracker, "advertiser_id=1");
  const click = `${server.url}/clktr?id=${id}`;
  const news = await startSite(t, { "/": `<!doctype html><title>News</title><a href="${click}">Ad</a>${ahead("prefetch", click)}` });
  const visitor = await newPage(t, browser);
  const fetched = visitor.context().waitForEvent("response", (response) => response.url() === click);
  await visitor.goto(news.url);
  assert.equal((await fetched).status(), 503);
  assert.deepEqual(await cameIn(page, server, "click", 1), ["prefetch"]);
  await visitor.getByRole("link", { name: "Ad" }).click();
  await visitor.getByRole("heading", { name: "Welcome" }).waitFor();
  assert.deepEqual(await cameIn(page, server, "click", 2), ["real", "prefetch"]);
});

test("a script tag on a prerendered page counts when the page is opened, and not before", async (t) => {
  const browser = await startBrowser(t);
  const { server, page, pixel } = await start(t, browser);
  const partner = await startPartner(t);
  const { id } = await pixel({ piggyback_pixels: [{ pixel_type: "js", url: `${partner.url}/s.js` }] });
  const segment = await (await startApi(server))("segment", { short_name: "Buyers" });
  const tags = [`/px?id=${id}&t=1&order_id=P1`, `/seg?add=${segment.id}&t=1`].map((tag) => `<script src="${server.url}${tag.replaceAll("&", "&amp;")}"></script>`);
  let prerendered;
  const isPrerendered = new Promise((resolve) => (prerendered = resolve));
  let open;
  const mayOpen = new Promise((resolve) => (open = resolve));
  const front = await startFront(t, server.url, {
    // Goes there by itself, once it may.
    "/": `<!doctype html><title>Cart</title><script>fetch("/go").then(() => location.assign("/thank-you"))</script>${ahead("prerender", "/thank-you")}`,
    "/thank-you": `<!doctype html><title>Thank you</title>${tags.join("")}<script>fetch("/here?" + document.prerendering)</script>`,
    "/here": () => prerendered() ?? "",
    "/go": () => mayOpen.then(() => ""),
  });
  await startBrowserAlone(t, front);
  await isPrerendered;
  assert.deepEqual(await cameIn(page, server, "fire", 1), ["prefetch"]);
  assert.deepEqual(await cameIn(page, server, "segment_load", 1), ["prefetch"]);
  assert.deepEqual(partner.asked, []);
  open();
  assert.deepEqual(await cameIn(page, server, "fire", 2), ["real", "prefetch"]);
  assert.deepEqual(await cameIn(page, server, "segment_load", 2), ["real", "prefetch"]);
  await page.goto(server.url + "/admin/conversions?outcome=unattributed");
  await reloadUntil(page, page.getByRole("cell", { name: "P1", exact: true }));
  assert.deepEqual(partner.asked, ["/s.js"]);

  // A page that was not prerendered does nothing with such an answer.
  const answer = await fetch(`${server.url}/px?id=${id}&t=1`, { headers: { "sec-purpose": "prefetch" } });
  const visitor = await newPage(t, browser);
  await visitor.goto(front + "/here");
  await visitor.addScriptTag({ content: await answer.text() });
  assert.equal(await visitor.locator("script[src]").count(), 0);
});

test("a form that is sent as it stands is a fire", async (t) => {
  const browser = await startBrowser(t);
  const { server, page, pixel } = await start(t, browser);
  const { id } = await pixel();
  const shop = await startSite(t, {
    "/": `<!doctype html><title>Shop</title><form><input name="id" value="${id}"><input name="order_id" value="F&1 “ü”"><input name="note" type="file"></form>`,
  });
  const visitor = await newPage(t, browser);
  await visitor.goto(shop.url);
  const sent = visitor.waitForResponse(`${server.url}/px`);
  await visitor.evaluate((url) => navigator.sendBeacon(url, new FormData(document.querySelector("form"))), `${server.url}/px`);
  assert.equal((await sent).status(), 204);
  await page.goto(server.url + "/admin/conversions");
  await reloadUntil(page, page.getByRole("cell", { name: "F&1 “ü”", exact: true }));
});
