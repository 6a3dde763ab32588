// The visitor's cookie: on plain http and behind a proxy that speaks https, on the shop's own site and on another, and
// for visitors who do not want to be known.

import assert from "node:assert/strict";
import { test } from "node:test";
import { newPage, startBrowser, startBrowserOf } from "../support/browser.mjs";
import { fire, pxid, startCollecting, startProxy, startSecureShop } from "../support/collect.mjs";
import { startSite } from "../support/servers.mjs";

const DAY = 86_400;

for (const [name, { trusted, https, expected }] of Object.entries({
  "on plain http": { https: false, expected: { secure: false, sameSite: "Lax" } },
  "behind a trusted proxy": { https: true, trusted: true, expected: { secure: true, sameSite: "None" } },
  "behind a proxy that is not trusted": { https: true, trusted: false, expected: { secure: false, sameSite: "Lax" } },
})) {
  test(`the cookie ${name}`, async (t) => {
    const browser = await startBrowser(t);
    const { server, pixel } = await startCollecting(t, browser, trusted ? ["--trusted-proxies", "127.0.0.1"] : []);
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
    assert.equal(await visitor.evaluate(() => document.cookie), "", "no script can read it");
    await fire(visitor, `${url}/px?id=${id}&cb=2`);
    assert.equal((await pxid(visitor)).value, value, "the same visitor again");
  });
}

for (const otherSitesCookies of [true, false]) {
  test(`on another site's page over https, with cookies of other sites ${otherSitesCookies ? "admitted" : "blocked"}`, async (t) => {
    const browser = await startBrowserOf(t, { otherSitesCookies });
    const { server, pixel } = await startCollecting(t, browser, ["--trusted-proxies", "127.0.0.1"]);
    const { id } = await pixel();
    const proxy = await startProxy(t, server.url);
    const px = `${proxy.replace("127.0.0.1", "px.tracker.example")}/px`;
    const shop = await startSecureShop(t, "<!doctype html><title>Shop</title>");
    const visitor = await newPage(t, browser, { ignoreHTTPSErrors: true, own: ["px.tracker.example", "www.shop.example"] });
    await visitor.goto(shop.replace("127.0.0.1", "www.shop.example"));

    const first = await fire(visitor, `${px}?id=${id}`);
    assert.equal(first["x-pixeld"], "ok");
    assert.match(first["set-cookie"], /^pxid=[0-9a-f]{16}; Path=\/; Max-Age=7776000; HttpOnly; SameSite=None; Secure$/);
    const second = await fire(visitor, `${px}?id=${id}&cb=2`);
    const beacon = visitor.waitForResponse(px);
    await visitor.evaluate(([url, id]) => navigator.sendBeacon(url, JSON.stringify({ id })), [px, id]);
    const third = await (await beacon).allHeaders();
    // An answer renews the cookie of its request. A request without one gets a new visitor.
    const same = [second, third].map((headers) => headers["set-cookie"] === first["set-cookie"]);
    assert.deepEqual(same, [otherSitesCookies, otherSitesCookies]);
    const cookie = await pxid(visitor);
    assert.deepEqual([cookie?.domain, cookie?.secure, cookie?.sameSite],
      otherSitesCookies ? ["px.tracker.example", true, "None"] : [undefined, undefined, undefined]);
  });
}

test("on another site's page over plain http the browser keeps no cookie", async (t) => {
  const browser = await startBrowserOf(t, { otherSitesCookies: true });
  const { server, pixel } = await startCollecting(t, browser);
  const { id } = await pixel();
  const shop = await startSite(t, { "/": "<!doctype html><title>Shop</title>" });
  const visitor = await newPage(t, browser, { own: ["px.tracker.example", "www.shop.example"] });
  await visitor.goto(shop.url.replace("127.0.0.1", "www.shop.example"));
  const px = `${server.url.replace("127.0.0.1", "px.tracker.example")}/px?id=${id}`;
  const [first, second] = [await fire(visitor, px), await fire(visitor, `${px}&cb=2`)];
  assert.match(first["set-cookie"], /; SameSite=Lax$/);
  assert.notEqual(second["set-cookie"], first["set-cookie"], "a new visitor each time");
  assert.equal(await pxid(visitor), undefined);
});

test("a visitor who opts out stays unknown until opting in again", async (t) => {
  const browser = await startBrowser(t);
  const { server, pixel } = await startCollecting(t, browser);
  const { id } = await pixel();
  const visitor = await newPage(t, browser);
  const px = (cb) => `${server.url}/px?id=${id}&cb=${cb}`;
  await visitor.goto(`${server.url}/optin`);
  assert.equal((await fire(visitor, px(1)))["x-pixeld"], "ok");

  await visitor.locator('a[href="/optout"]').click();
  await visitor.locator('a[href="/optin"]').waitFor();
  assert.equal((await pxid(visitor)).value, "optout");
  const headers = await fire(visitor, px(2));
  assert.equal(headers["x-pixeld"], "no_visitor=opted_out");
  assert.match(headers["set-cookie"], /^pxid=optout;/, "each answer renews the choice");
  assert.equal((await pxid(visitor)).value, "optout");

  await visitor.locator('a[href="/optin"]').click();
  await visitor.locator('a[href="/optout"]').waitFor();
  assert.equal(await pxid(visitor), undefined);
  assert.equal((await fire(visitor, px(3)))["x-pixeld"], "ok");
  assert.match((await pxid(visitor)).value, /^[0-9a-f]{16}$/);
});

test("a browser with Global Privacy Control or Do Not Track gets no cookie", async (t) => {
  const browser = await startBrowser(t);
  const { server, pixel } = await startCollecting(t, browser);
  const { id } = await pixel();
  for (const [header, reason] of [["Sec-GPC", "gpc"], ["DNT", "dnt"]]) {
    const visitor = await newPage(t, browser, { extraHTTPHeaders: { [header]: "1" } });
    await visitor.goto(`${server.url}/optin`);
    const headers = await fire(visitor, `${server.url}/px?id=${id}`);
    assert.deepEqual([headers["x-pixeld"], headers["set-cookie"]], [`no_visitor=${reason}`, undefined]);
    assert.equal(await pxid(visitor), undefined);
  }
});
