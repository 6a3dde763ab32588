// Names, codes and parameters of visitors can be any text. Every page shows it as text: no script runs, no element appears,
// and no page grows wider than a phone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setUp, startApi, submit } from "../support/admin.mjs";
import { newPage, startBrowser } from "../support/browser.mjs";
import { crawl, sideways } from "../support/pages.mjs";
import { startServer } from "../support/servers.mjs";

// Of at most 255 characters, the limit of names.
const NAMES = [
  `<img src=x onerror="alert(1)"><script>alert(2)</script>-->'"]]>&amp;\${7*7}{{7*7}}`,
  `\u202Eright to left\u202C \u0627\u0644\u0639\u0631\u0628\u064A\u0629 \u{1F6B2}\u{1F468}\u200D\u{1F469}\u200D\u{1F467}\u{1F3F4}`,
  "W".repeat(255),
];

// How pages show a name: signs that turn the direction of a line are visible.
const shown = (name) => name.replace(/[\u202A-\u202E\u2066-\u2069]/gu, "\uFFFD");

const STARTS = [
  "/admin", "/admin/export?id=1,2,3&chosen=yes&kind=script&codes=on", "/admin/export?id=1,2,3&chosen=yes&kind=script&for=magento",
  "/admin/live?test=on&pixel=1&tag=script", "/admin/conversions?pixel=1",
];

// One object of each kind with this name.
async function createAll(create, name, number) {
  const code = `${number}${name}`.slice(0, 100);
  const { id: advertiser } = await create("advertiser", { name, code });
  const of = `advertiser_id=${advertiser}`;
  const pixel = await create("pixel", { name, code, trigger_type: "hybrid", piggyback_pixels: [{ pixel_type: "js", url: "https://a.example/'\"><script>" }] }, of);
  const line_item = await create("line-item", { name, code, pixels: [{ id: pixel.id, post_click_revenue: 5 }] }, of);
  await create("campaign", { name, code, line_item_id: line_item.id }, of);
  const publisher = await create("publisher", { name, code });
  const segment = await create("segment", { short_name: name, description: name, advertiser_id: advertiser });
  const tracker = { name, code, line_item: { id: line_item.id }, publisher: { id: publisher.id } };
  await create("imptracker", tracker, of);
  const click = await create("clicktracker", { ...tracker, click_url: "https://shop.example/'\"><script>" }, of);
  return { pixel: pixel.id, segment: segment.id, click: click.id };
}

// A visitor clicks and buys with the text in every parameter, and sends a request that is no fire.
async function visit(server, { pixel, segment, click }, text) {
  const headers = { referer: `https://shop.example/?${encodeURIComponent(text)}`, "user-agent": `Mozilla/5.0 ${text.replace(/[^\x20-\x7e]/g, "?")}` };
  const get = (path, cookie = "") => fetch(server.url + path, { headers: { ...headers, cookie }, redirect: "manual" });
  const answer = await get(`/clktr?id=${click}&campaign_id=1`);
  const cookie = answer.headers.get("set-cookie").split(";")[0];
  const sent = encodeURIComponent(text);
  await get(`/px?id=${pixel}&seg=${segment}&order_id=${sent}&event_id=${encodeURIComponent(text.slice(0, 60))}&other=${sent}&value=${sent}&currency=${sent}&content_ids=${sent}&t=2`, cookie);
  await get(`/px?id=${pixel}&order_id=A-1&value=10&test=1`);
  await get(`/px?id=${sent}&code=${sent}`);
}

// Looks for markup on the open page. Returns its text.
async function assertPlain(page, path) {
  // The live page shows details only in opened rows.
  await page.locator("main details:not(.pick, .help)").evaluateAll((all) => all.forEach((part) => { part.open = true; }));
  assert.equal(await page.locator('img[src="x"], [onerror], [onclick], script:not([src^="/static/"])').count(), 0, path);
  const text = await page.locator("body").textContent();
  assert.ok(!text.includes("&lt;img") && !text.includes("&#60;img"), `${path} escapes twice`);
  return text;
}

test("hostile names are text on every page", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t), { viewport: { width: 375, height: 740 } });
  await setUp(page, server, { member: NAMES[0], user: "ada", password: "correct horse battery" });
  const create = await startApi(server);
  for (const [number, name] of NAMES.entries()) await visit(server, await createAll(create, name, number), name);
  await page.goto(`${server.url}/admin/users/new`);
  await page.locator("#username").fill(`<b onclick="alert(3)">eve`);
  await submit(page);
  await page.getByRole("alert").waitFor();

  const dialogs = [];
  page.on("dialog", (dialog) => { dialogs.push(dialog.message()); dialog.dismiss(); });
  const wide = [];
  const complete = new Set();
  const kinds = await crawl(page, server.url, {
    each: 3,
    // This page loads the tag with its piggybacks, which the page's policy refuses.
    skip: /load=on/,
    starts: STARTS,
    look: async (path) => {
      const text = await assertPlain(page, path);
      const over = await sideways(page);
      if (over > 0) wide.push(`${path}: ${over} px`);
      for (const [number, name] of NAMES.entries()) if (text.includes(shown(name))) complete.add(number);
    },
  });
  assert.ok(kinds.length > 25, kinds.join(" "));
  assert.deepEqual([...complete].sort(), [0, 1, 2], "each name is on some page, letter by letter");
  assert.deepEqual(wide, [], "no page scrolls sideways");
  assert.deepEqual(dialogs, []);

  // The script writes the question before a deletion.
  const { id } = await create("pixel", { name: NAMES[0] }, "advertiser_id=1");
  await page.goto(`${server.url}/admin/pixels/${id}`);
  await page.locator("main .head .pick > .bare").click();
  await page.locator('main form[action$="/delete"] button').click();
  const dialog = page.getByRole("dialog");
  assert.ok((await dialog.innerText()).includes(NAMES[0]));
  assert.equal(await dialog.locator("img, script").count(), 0);
});
