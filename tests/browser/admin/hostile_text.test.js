// Names, codes and what visitors send are anybody's text. Whatever it is, every page shows it as text: nothing of it runs,
// nothing becomes an element, and no page grows wider than a phone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { crawl, sideways } from "../support/pages.mjs";
import { makePixel, newPage, setUp, startApi, startBrowser, startServer } from "../support/harness.mjs";

// Each 255 characters at most, as names may be.
const NAMES = [
  `<img src=x onerror="alert(1)"><script>alert(2)</script>-->'"]]>&amp;\${7*7}{{7*7}}`,
  `\u202Eright to left\u202C \u0627\u0644\u0639\u0631\u0628\u064A\u0629 \u{1F6B2}\u{1F468}\u200D\u{1F469}\u200D\u{1F467}\u{1F3F4}`,
  "W".repeat(255),
];

// One object of each kind by this name.
async function makeAll(api, name, number) {
  const { id: advertiser } = await api("advertiser", { name, code: `${number}${name}`.slice(0, 100) });
  const of = `advertiser_id=${advertiser}`;
  const code = `${number}${name}`.slice(0, 100);
  const pixel = await api("pixel", { name, code, trigger_type: "hybrid", piggyback_pixels: [{ pixel_type: "js", url: "https://a.example/'\"><script>" }] }, of);
  const line_item = await api("line-item", { name, code, pixels: [{ id: pixel.id, post_click_revenue: 5 }] }, of);
  await api("campaign", { name, code, line_item_id: line_item.id }, of);
  const publisher = await api("publisher", { name, code });
  const segment = await api("segment", { short_name: name, description: name, advertiser_id: advertiser });
  const tracker = { name, code, line_item: { id: line_item.id }, publisher: { id: publisher.id } };
  await api("imptracker", tracker, of);
  const click = await api("clicktracker", { ...tracker, click_url: "https://shop.example/'\"><script>" }, of);
  return { pixel: pixel.id, segment: segment.id, click: click.id };
}

// A visitor clicks, buys, and sends what it likes; and something that is no fire at all.
async function visit(server, { pixel, segment, click }, text) {
  const headers = { referer: `https://shop.example/?${encodeURIComponent(text)}`, "user-agent": `Mozilla/5.0 ${text.replace(/[^\x20-\x7e]/g, "?")}` };
  const get = (path, cookie = "") => fetch(server.url + path, { headers: { ...headers, cookie }, redirect: "manual" });
  const clicked = await get(`/clktr?id=${click}&campaign_id=1`);
  const cookie = clicked.headers.get("set-cookie").split(";")[0];
  const sent = encodeURIComponent(text);
  await get(`/px?id=${pixel}&seg=${segment}&order_id=${sent}&event_id=${encodeURIComponent(text.slice(0, 60))}&other=${sent}&value=${sent}&currency=${sent}&content_ids=${sent}&t=2`, cookie);
  await get(`/px?id=${pixel}&order_id=A-1&value=10&test=1`);
  await get(`/px?id=${sent}&code=${sent}`);
}

test("hostile names are text on every page", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t), { viewport: { width: 375, height: 740 } });
  await setUp(page, server, { member: NAMES[0], user: "ada", password: "correct horse battery" });
  const api = await startApi(server);
  for (const [number, name] of NAMES.entries()) await visit(server, await makeAll(api, name, number), name);
  await page.goto(`${server.url}/admin/users/new`);
  await page.getByLabel("User", { exact: true }).fill(`<b onclick="alert(3)">eve`);
  const refused = await page.getByRole("button", { name: "Create user" }).click().then(() => page.locator("h1").innerText());
  assert.match(refused, /user/i);

  const dialogs = [];
  page.on("dialog", (dialog) => { dialogs.push(dialog.message()); dialog.dismiss(); });
  const wide = [];
  const shown = new Set();
  const kinds = await crawl(page, server.url, {
    each: 3,
    // Loads the tag with its piggybacks, which the page's policy refuses.
    skip: /load=on/,
    starts: ["/admin", "/admin/export?id=1,2,3&chosen=yes&kind=script&codes=on", "/admin/export?id=1,2,3&chosen=yes&kind=script&for=magento", "/admin/live?test=on&pixel=1&tag=script", "/admin/conversions?pixel=1"],
    look: async (path) => {
      // On the live page the details are what a row opens.
      for (const summary of await page.locator("main details > summary").all()) await summary.click();
      assert.equal(await page.locator('img[src="x"], [onerror], [onclick], script:not([src^="/static/"])').count(), 0, path);
      const over = await sideways(page);
      if (over > 0) wide.push(`${path}: ${over} px`);
      const text = await page.locator("body").textContent();
      for (const [number, name] of NAMES.entries()) if (text.includes(name)) shown.add(number);
      assert.ok(!text.includes("&lt;img") && !text.includes("&#60;img"), `${path} escapes twice`);
    },
  });
  assert.ok(kinds.length > 25, kinds.join(" "));
  assert.deepEqual([...shown].sort(), [0, 1, 2], "the names are told, letter by letter");
  assert.deepEqual(wide, [], "no page scrolls sideways");
  assert.deepEqual(dialogs, []);

  // Also where the script writes: the question before something is destroyed.
  await page.goto(`${server.url}/admin/pixels`);
  await page.getByRole("checkbox").nth(1).check();
  await page.getByRole("button", { name: "Deactivate" }).click();
  assert.equal(await page.getByRole("dialog").locator("img, script").count(), 0);
});
