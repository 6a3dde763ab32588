// Tags on pages of other sites: a script tag with piggybacks, a beacon while the page unloads, a script's own request, a
// form.

import assert from "node:assert/strict";
import { test } from "node:test";
import { newPage, reloadUntil, startBrowser } from "../support/browser.mjs";
import { pxid, startCollecting, startPartner } from "../support/collect.mjs";
import { startSite } from "../support/servers.mjs";

test("a script tag fires its piggybacks and breaks nothing of the page", async (t) => {
  const browser = await startBrowser(t);
  const { server, page, pixel } = await startCollecting(t, browser);
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
  const loads = ["/s.js?", "/i?"].map((path) => visitor.waitForResponse((response) => response.url().startsWith(partner.url + path)));
  await visitor.goto(`${shop.url}/thank-you`);
  for (const response of await Promise.all(loads)) assert.equal(response.status(), 200);
  await visitor.waitForFunction(() => window.partner);

  const query = `o=${encodeURIComponent(order).replaceAll("'", "%27")}&v=49.90&c=USD`;
  assert.deepEqual([...partner.requests].sort(), [`/i?${query}`, `/s.js?${query}`]);
  const state = await visitor.evaluate(() => [window.before, window.after, window.partner, document.title, document.body.innerText.trim()]);
  assert.deepEqual(state, [1, 2, `/s.js?${query}`, "Thank you", "Thank you"]);
  await page.goto(`${server.url}/admin/conversions`);
  await reloadUntil(page, page.getByRole("cell", { name: order, exact: true }));
});

test("a beacon arrives although its page is gone", async (t) => {
  const browser = await startBrowser(t);
  const { server, page, pixel } = await startCollecting(t, browser);
  const { id } = await pixel();
  const shop = await startSite(t, {
    "/cart": `<!doctype html><title>Cart</title><script>
      addEventListener("pagehide", () => navigator.sendBeacon("${server.url}/px", JSON.stringify({ id: ${id}, order_id: "B1", value: 10.5 })));
      </script>`,
    "/next": "<!doctype html><title>Next</title>",
  });
  const visitor = await newPage(t, browser);
  await visitor.goto(`${shop.url}/cart`);
  await visitor.goto(`${shop.url}/next`);
  await page.goto(`${server.url}/admin/conversions`);
  const row = page.getByRole("row").filter({ has: page.getByRole("cell", { name: "B1", exact: true }) });
  await reloadUntil(page, row);
  assert.match(await row.innerText(), /10\.50/);
  assert.match((await pxid(visitor))?.value ?? "none", /^[0-9a-f]{16}$/, "the beacon's answer sets the cookie, too");
});

test("a page's script may read the answer and sends the cookie", async (t) => {
  const browser = await startBrowser(t);
  const { server, pixel } = await startCollecting(t, browser);
  const { id } = await pixel();
  const shop = await startSite(t, { "/": "<!doctype html><title>Shop</title>" });
  const visitor = await newPage(t, browser);
  await visitor.goto(shop.url);
  // The content type causes a preflight request.
  const answer = await visitor.evaluate(async ([url, id]) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(url, { method: "POST", credentials: "include", headers, body: JSON.stringify({ id, value: "$10" }) });
    return [answer.status, answer.headers.get("x-pixeld")];
  }, [`${server.url}/px`, id]);
  assert.deepEqual(answer, [204, "warning=value"]);
});

test("a form sent whole is a fire", async (t) => {
  const browser = await startBrowser(t);
  const { server, page, pixel } = await startCollecting(t, browser);
  const { id } = await pixel();
  const shop = await startSite(t, {
    "/": `<!doctype html><title>Shop</title><form><input name="id" value="${id}"><input name="order_id" value="F&1 “ü”"><input name="note" type="file"></form>`,
  });
  const visitor = await newPage(t, browser);
  await visitor.goto(shop.url);
  const answer = visitor.waitForResponse(`${server.url}/px`);
  await visitor.evaluate((url) => navigator.sendBeacon(url, new FormData(document.querySelector("form"))), `${server.url}/px`);
  assert.equal((await answer).status(), 204);
  await page.goto(`${server.url}/admin/conversions`);
  await reloadUntil(page, page.getByRole("cell", { name: "F&1 “ü”", exact: true }));
});
