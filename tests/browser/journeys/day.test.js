// A day's work of a media buyer: finds the line item that loses money and why, imports what its ads cost, takes that back,
// corrects orders and exports both lists. Every figure is checked against the other places that show it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, flash, heading, makePixel, navigate, setUp, startApi, submit } from "../support/admin.mjs";
import { newPage, reloadUntil, startBrowser } from "../support/browser.mjs";
import { startServer } from "../support/servers.mjs";

const BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const PURCHASE = 7;

// A day of UTC, so many days ago.
const daysAgo = (days) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

// A visitor of a shop, by address: each request carries the cookie of the answers before.
function startVisitor(server) {
  let cookie = "";
  return async (path) => {
    const answer = await fetch(server.url + path, { headers: { cookie, "user-agent": BROWSER }, redirect: "manual" });
    cookie = answer.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ") || cookie;
    assert.ok(answer.status < 400, `${path}: ${answer.status}`);
  };
}

// Two advertisers. Of the first one, *Brand search* earns and *Shoes* loses.
async function startShop(server, create) {
  const purchase = { name: "Sale", pixel_conversion_event_id: PURCHASE, trigger_type: "hybrid", post_click_expire_mins: 1_440 };
  const { id: pixel } = await create("pixel", { ...purchase, min_minutes_per_conv: 0, count_each_order_once: true }, "advertiser_id=1");
  const publisher = await create("publisher", { name: "Daily News" });
  const ads = {};
  for (const name of ["Brand search", "Shoes"]) {
    const line = await create("line-item", { name, currency: "EUR", pixels: [{ id: pixel, post_click_revenue: 5 }] }, "advertiser_id=1");
    const tracker = { name, line_item: { id: line.id }, publisher: { id: publisher.id }, click_url: "https://shop.example/" };
    ads[name] = { line: line.id, tracker: (await create("clicktracker", tracker, "advertiser_id=1")).id };
  }
  const { id: other } = await create("advertiser", { name: "Night Owls" });
  const owls = await create("pixel", { ...purchase, name: "Order" }, `advertiser_id=${other}`);
  const buy = async (ad, query) => {
    const visit = startVisitor(server);
    if (ad) await visit(`/clktr?id=${ads[ad].tracker}`);
    if (query) await visit(query);
  };
  for (const [ad, order] of [
    ["Brand search", "&order_id=T-1&value=120"], ["Brand search", "&order_id=T-2&value=80"],
    ["Shoes", "&order_id=S-1&value=90"], ["Shoes", "&value=30"],
    [null, "&order_id=N-1&value=70"], [null, "&order_id=N-2&value=15"],
  ]) await buy(ad, `/px?id=${pixel}${order}&currency=EUR`);
  await buy("Shoes");
  await buy(null, `/px?id=${owls.id}&order_id=O-1&value=999&currency=USD`);
  for (const [ad, amount] of [["Brand search", 50], ["Shoes", 200]]) {
    await create("cost", { day: daysAgo(1), line_item_id: ads[ad].line, amount, currency: "EUR" });
  }
  return ads;
}

const number = (text) => (text.trim() === "–" || text.trim() === "" ? null : Number(text.replace(/[^\d.]/g, "")));
const words = (text) => text.replace(/\s+/g, " ").trim();
const picked = (page) => page.locator("main .head .pick > summary").allInnerTexts();

// Chooses in one of the pickers of the page's head.
async function pick(page, place, label) {
  const picker = page.locator("main .head .pick").nth(place);
  await picker.locator("summary").click();
  await picker.getByRole("link", { name: label, exact: true }).click();
  await page.waitForLoadState();
}

// The figures of the tiles, by name.
async function tiles(page) {
  const figure = async (tile) => {
    const name = await tile.locator(".tile-name").evaluate((element) => element.firstChild.textContent.trim());
    return [name, { figure: number(await tile.locator(".tile-figure").innerText()), rest: words((await tile.locator(".tile-sub").allInnerTexts()).join(" ")) }];
  };
  return Object.fromEntries(await Promise.all((await page.locator("main .tile").all()).map(figure)));
}

// The list of line items: the totals and each row, by head; and that the totals are the sums of the rows.
async function lineItems(page) {
  const heads = await page.locator("main thead tr:last-child th").evaluateAll((all) => all.map((th) => (th.querySelector("a") ?? th).textContent.trim()));
  const cells = await page.locator("main tbody tr").evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => (cell.querySelector("[aria-hidden]") ?? cell).textContent)));
  const read = (row) => Object.fromEntries(row.map((cell, place) => [heads[place], place === 0 ? words(cell) : number(cell)]));
  const [totals, ...rows] = cells.map(read);
  for (const head of ["Clicks", "By click", "By view", "Order value", "Payout", "Cost"]) {
    const sum = rows.reduce((sum, row) => sum + (row[head] ?? 0), 0);
    assert.equal((totals[head] ?? 0).toFixed(2), sum.toFixed(2), `the total of ${head}`);
  }
  for (const row of [totals, ...rows].filter((row) => row.Cost)) {
    assert.equal(row.ROAS.toFixed(2), (row["Order value"] / row.Cost).toFixed(2), `ROAS of ${row["Line item"]}`);
    assert.equal(row.CPA?.toFixed(2), (row.Cost / row["By click"]).toFixed(2), `CPA of ${row["Line item"]}`);
  }
  return { totals, rows, names: rows.map((row) => row["Line item"]), of: (name) => rows.find((row) => row["Line item"] === name) };
}

// What a download holds: a list of rows, by the names of the columns.
async function download(page, link) {
  const text = await link.evaluate(async ({ href }) => (await fetch(href)).text());
  const cells = (line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].slice(0, -1).map(([, cell]) => cell.replace(/^"|"$/g, "").replaceAll('""', '"'));
  const [heads, ...rows] = text.trim().split("\r\n").map((line) => line.replace(/^\ufeff/, "")).map((line) => cells(`${line},`));
  return rows.map((row) => Object.fromEntries(row.map((cell, place) => [heads[place], cell])));
}

async function toLineItems(page) {
  await navigate(page, "/admin/line-items");
  await page.getByRole("heading", { level: 1, name: "Line items" }).waitFor();
  return lineItems(page);
}

async function findTheLoser(page) {
  await toLineItems(page);
  assert.deepEqual((await picked(page)).map(words), ["ProStarr Sportswear", "Counting Purchases", "Last 7 days"], "the choice stayed");
  const roas = page.locator("main thead th").filter({ hasText: /^ROAS/ }).locator("a");
  await roas.click();
  await page.waitForURL(/sort=roas/);
  assert.deepEqual((await lineItems(page)).names, ["Brand search", "Shoes"]);
  await roas.click();
  await page.waitForURL(/sort=roas\.asc/);
  const list = await lineItems(page);
  assert.deepEqual(list.names, ["Shoes", "Brand search"]);
  assert.ok(list.of("Shoes").ROAS < 1 && list.of("Brand search").ROAS > 1);
  assert.deepEqual(await page.locator("main td.low").allInnerTexts(), [list.of("Shoes").ROAS.toFixed(2)], "only the loss is red");
  return list;
}

async function seeWhy(page, row) {
  await page.locator("main tbody td.name a").first().click();
  await heading(page, "Shoes").waitFor();
  const of = await tiles(page);
  assert.deepEqual([of.Conversions.figure, of["Order value"].figure, of.Cost.figure], [row["By click"], row["Order value"], row.Cost]);
  assert.equal(of.Cost.rest, `CPA ${row.CPA.toFixed(2)} · ROAS ${row.ROAS.toFixed(2)}`);
  await page.locator('main a[href*="outcome=unattributed"]').click();
  await page.waitForURL(/outcome=unattributed/);
  assert.match(words(await page.locator('nav[aria-label="Outcome"] [aria-current]').innerText()), /^Not credited ?2$/);
  assert.deepEqual((await page.locator("main tbody .mark").allInnerTexts()).map(words), Array(2).fill("Not credited · no cookie"));
  assert.deepEqual((await page.locator("main tbody td.r2").allInnerTexts()).map(words), ["N-2", "N-1"]);
  await page.locator("main tbody a.row").last().click();
  await heading(page, "Order N-1").waitFor();
  assert.match(await page.locator(".verdict").innerText(), /Not credited: this browser sent no cookie/);
}

// A file as Google Ads exports it. All its amounts can be read in two ways.
async function importCosts(page, server) {
  const file = [
    "Campaign report", `"${daysAgo(2)} - ${daysAgo(1)}"`, "Day,Campaign,Currency code,Clicks,Impr.,CTR,Avg. CPC,Cost",
    `${daysAgo(2)},Shoes,EUR,12,"2,400",0.50%,6.00,"1,072"`, `${daysAgo(1)},Shoes,EUR,9,"1,100",0.82%,9.90,"1,178"`,
    'Total: Account,,EUR,21,"3,500",0.60%,7.80,"2,250"',
  ].join("\n");
  const primary = page.locator("main .button.primary");
  await navigate(page, "/admin/costs");
  await page.waitForURL(/\/admin\/costs/);
  await primary.click();
  await page.locator("#advertiser_id").selectOption("1");
  await page.locator("#file").setInputFiles({ name: "campaigns.csv", mimeType: "text/csv", buffer: Buffer.from(file) });
  await primary.click();
  await page.waitForURL(/\/admin\/costs\/import\/./);
  assert.equal(await page.locator("#profile option:checked").innerText(), "Google Ads", "recognised by its header");
  await page.getByText("1,072 is 1072.00").waitFor();
  await primary.click();
  await page.locator("#answer_amount-error").waitFor();
  await page.locator('label[for="answer_amount-point"]').click();
  await primary.click();
  await page.waitForURL(/campaigns$/);
  assert.equal(await page.locator("#to_0 option:checked").innerText(), "Shoes", "proposed by its name");
  await primary.click();
  await page.waitForURL(/check$/);
  await page.getByText("2,250.00 EUR").first().waitFor();
  await primary.click();
  await flash(page).waitFor();
  assert.equal(new URL(page.url()).pathname, "/admin/costs/imports");
  return toLineItems(page);
}

async function undoImport(page, server) {
  await page.goto(`${server.url}/admin/costs/imports`);
  await page.locator('form[action$="/undo"] button').first().click();
  await page.locator("dialog .danger, main .danger").first().click();
  await flash(page).waitFor();
  return toLineItems(page);
}

// Opens the event that the search or the list shows, and corrects it. `value` is none to cancel it.
async function correct(page, row, value) {
  await row.locator("a.row").click();
  await page.locator('main a[href$="/correct"]').click();
  if (value) await page.locator("#value").fill(value);
  else await choose(page, "type", "retract");
  await submit(page);
  await flash(page).waitFor();
  const amount = words(await page.locator(".verdict-amount").innerText());
  return { amount, list: await toLineItems(page) };
}

async function exportBoth(page, list) {
  const rows = await download(page, page.locator("main a", { hasText: "Download CSV" }));
  const figures = ({ name, clicks, click_convs, order_value, payout, cost, cpa, roas }) => [name, ...[clicks, click_convs, order_value, payout, cost, cpa, roas].map(number)];
  assert.deepEqual(
    rows.map(figures),
    list.rows.map((row) => [row["Line item"], row.Clicks, row["By click"], row["Order value"], row.Payout, row.Cost, row.CPA, row.ROAS]),
  );

  await navigate(page, "/admin/conversions");
  await page.waitForURL(/\/admin\/conversions/);
  const events = await download(page, page.locator("main .head a", { hasText: "Download CSV" }));
  const tabs = await page.locator('nav[aria-label="Outcome"] small').allInnerTexts();
  const count = (outcome) => events.filter((event) => event.outcome === outcome).length;
  assert.deepEqual(tabs.map(number), [events.length, count("attributed"), count("unattributed"), count("not_counted")]);
  const orders = await page.locator("main tbody td.r2").evaluateAll((all) => all.map((cell) => cell.title));
  assert.deepEqual(events.map((event) => event.order_id), orders);
  const counted = events.filter((event) => event.outcome === "attributed" && event.retracted !== "true");
  const value = (of) => of.reduce((sum, event) => sum + Number(event.adjusted_value || event.value), 0);
  for (const row of list.rows) {
    const own = counted.filter((event) => event.line_item_name === row["Line item"]);
    assert.deepEqual([own.length, value(own)], [row["By click"] ?? 0, row["Order value"] ?? 0], row["Line item"]);
  }
}

test("a day of a media buyer", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t));
  await setUp(page, server);
  await makePixel(page, server, "Visit");
  const ads = await startShop(server, await startApi(server));
  await page.goto(`${server.url}/admin/conversions`);
  await reloadUntil(page, page.getByRole("row").filter({ hasText: "O-1" }));

  await page.goto(`${server.url}/admin`);
  await pick(page, 0, "ProStarr Sportswear");
  await pick(page, 2, "Last 7 days");
  const overview = await tiles(page);
  const list = await findTheLoser(page);
  assert.deepEqual(
    ["Conversions", "Order value", "Cost", "ROAS"].map((name) => overview[name].figure),
    [list.totals["By click"], list.totals["Order value"], list.totals.Cost, list.totals.ROAS],
  );
  assert.deepEqual([list.totals["By click"], list.totals["Order value"], list.totals.Cost], [4, 320, 250]);
  await seeWhy(page, list.of("Shoes"));

  const imported = await importCosts(page, server);
  assert.deepEqual([imported.of("Shoes").Cost, imported.totals.Cost], [200 + 2_250, 250 + 2_250]);
  assert.deepEqual([imported.of("Shoes").CPA, imported.of("Shoes").ROAS], [1_225, 0.05]);
  const undone = await undoImport(page, server);
  assert.deepEqual(undone.of("Shoes"), list.of("Shoes"));

  await page.goto(`${server.url}/admin/conversions?search=s-1`);
  const refunded = await correct(page, page.locator("main tbody tr"), "40");
  assert.equal(refunded.amount, "40.00 EUR 90.00 less 50.00 refunded");
  assert.deepEqual([refunded.list.of("Shoes")["Order value"], refunded.list.of("Shoes").ROAS], [70, 0.35]);
  await page.goto(`${server.url}/admin/conversions?line_item=${ads.Shoes.line}&value_to=30`);
  assert.equal(await page.locator("main tbody tr").count(), 1);
  assert.equal(await page.locator("main tbody td.r2 .nil").count(), 1, "without an order ID");
  const cancelled = await correct(page, page.locator("main tbody tr"));
  assert.match(cancelled.amount, /no longer counted/);
  assert.deepEqual([cancelled.list.of("Shoes")["Order value"], cancelled.list.of("Shoes")["By click"], cancelled.list.of("Shoes").CPA], [40, 1, 200]);
  assert.deepEqual(cancelled.list.of("Brand search"), list.of("Brand search"));
  await exportBoth(page, cancelled.list);
});
