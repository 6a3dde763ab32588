// Pages that a browser fetches or prerenders before anybody opens them: nothing counts and no choice changes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { newPage, reloadUntil, startBrowser, startBrowserAlone } from "../support/browser.mjs";
import { logged, pxid, speculate, startCollecting, startFront, startPartner } from "../support/collect.mjs";
import { startSite } from "../support/servers.mjs";

test("a prefetch or prerender of /optin keeps the opt-out", async (t) => {
  const browser = await startBrowser(t);
  const { server } = await startCollecting(t, browser);
  for (const kind of ["prefetch", "prerender"]) {
    const front = await startFront(t, server.url, { "/": `<!doctype html><title>Shop</title><a href="/optin">In</a>${speculate(kind, "/optin")}` });
    const visitor = await newPage(t, browser);
    await visitor.goto(`${front}/optout`);
    const answer = visitor.context().waitForEvent("response", (response) => response.url() === `${front}/optin`);
    await visitor.goto(front);
    assert.equal((await answer).status(), 503, kind);
    assert.equal((await pxid(visitor)).value, "optout", kind);
    await visitor.locator('a[href="/optin"]').click();
    await visitor.locator('a[href="/optout"]').waitFor();
    assert.equal(await pxid(visitor), undefined, kind);
  }
});

test("a prefetched click counts when the visitor clicks", async (t) => {
  const browser = await startBrowser(t);
  const { server, page, create } = await startCollecting(t, browser);
  const shop = await startSite(t, { "/landing": "<!doctype html><title>Shop</title><h1>Welcome</h1>" });
  const { id: item } = await create("line-item", { name: "Autumn sale" }, "advertiser_id=1");
  const { id: publisher } = await create("publisher", { name: "News" });
  const tracker = { name: "Banner", line_item_id: item, publisher_id: publisher, click_url: `${shop.url}/landing` };
  const { id } = await create("clicktracker", tracker, "advertiser_id=1");
  const click = `${server.url}/clktr?id=${id}`;
  const news = await startSite(t, { "/": `<!doctype html><title>News</title><a href="${click}">Ad</a>${speculate("prefetch", click)}` });
  const visitor = await newPage(t, browser);
  const answer = visitor.context().waitForEvent("response", (response) => response.url() === click);
  await visitor.goto(news.url);
  assert.equal((await answer).status(), 503);
  assert.deepEqual(await logged(page, server, "click", 1), ["prefetch"]);
  await visitor.getByRole("link", { name: "Ad" }).click();
  await visitor.getByRole("heading", { name: "Welcome" }).waitFor();
  assert.deepEqual(await logged(page, server, "click", 2), ["real", "prefetch"]);
});

test("a script tag on a prerendered page counts when the visitor opens the page, and not before", async (t) => {
  const browser = await startBrowser(t);
  const { server, page, create, pixel } = await startCollecting(t, browser);
  const partner = await startPartner(t);
  const { id } = await pixel({ piggyback_pixels: [{ pixel_type: "js", url: `${partner.url}/s.js` }] });
  const segment = await create("segment", { short_name: "Buyers" });
  const tags = [`/px?id=${id}&t=1&order_id=P1`, `/seg?add=${segment.id}&t=1`].map((tag) => `<script src="${server.url}${tag.replaceAll("&", "&amp;")}"></script>`);
  let reportPrerender;
  const isPrerendered = new Promise((resolve) => (reportPrerender = resolve));
  let open;
  const mayOpen = new Promise((resolve) => (open = resolve));
  const front = await startFront(t, server.url, {
    // This page opens the next one as soon as /go answers.
    "/": `<!doctype html><title>Cart</title><script>fetch("/go").then(() => location.assign("/thank-you"))</script>${speculate("prerender", "/thank-you")}`,
    "/thank-you": `<!doctype html><title>Thank you</title>${tags.join("")}<script>fetch("/here?" + document.prerendering)</script>`,
    "/here": () => reportPrerender() ?? "",
    "/go": () => mayOpen.then(() => ""),
  });
  await startBrowserAlone(t, front);
  await isPrerendered;
  assert.deepEqual(await logged(page, server, "fire", 1), ["prefetch"]);
  assert.deepEqual(await logged(page, server, "segment_load", 1), ["prefetch"]);
  assert.deepEqual(partner.requests, []);
  open();
  assert.deepEqual(await logged(page, server, "fire", 2), ["real", "prefetch"]);
  assert.deepEqual(await logged(page, server, "segment_load", 2), ["real", "prefetch"]);
  await page.goto(`${server.url}/admin/conversions?outcome=unattributed`);
  await reloadUntil(page, page.getByRole("cell", { name: "P1", exact: true }));
  assert.deepEqual(partner.requests, ["/s.js"]);

  // On a page that is not prerendered, the answer to a prefetch does nothing.
  const answer = await fetch(`${server.url}/px?id=${id}&t=1`, { headers: { "sec-purpose": "prefetch" } });
  const visitor = await newPage(t, browser);
  await visitor.goto(`${front}/here`);
  await visitor.addScriptTag({ content: await answer.text() });
  assert.equal(await visitor.locator("script[src]").count(), 0);
});
