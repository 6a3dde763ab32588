// A newcomer goes from the empty directory to the first credited sale through the pages alone. The script counts what it
// takes: presses in pages of pixeld, in the ad and in the shop, and typed fields. Pasting the snippets is not counted.

import assert from "node:assert/strict";
import { ADMIN, onOverview } from "../support/admin.mjs";
import { EVERYWHERE, newPage, testIn } from "../support/browser.mjs";
import { startServer, startSite } from "../support/servers.mjs";

const MOST = { clicksToSnippets: 8, fields: 7, clicksToSale: 12 };
const ORDER = { "[ORDER_ID]": "A-1001", "[REVENUE]": "49.90", "[CURRENCY]": "EUR" };

// A person who counts.
class Person {
  clicks = 0;
  fields = 0;

  async press(locator) {
    this.clicks += 1;
    await locator.click();
  }

  async type(locator, text) {
    this.fields += 1;
    await locator.fill(text);
  }
}

// A shop with a product and a thank-you page, into which snippets are pasted.
async function startShop(t, host = "127.0.0.1") {
  const pasted = { site: "", sale: "" };
  const html = (body, sale = "") => `<!doctype html><html><head><title>Tea</title>${pasted.site}</head><body>${body}${sale}</body></html>`;
  const { url, pages } = await startSite(t, {
    "/": () => html('<h1>Green tea</h1><a id="buy" href="/thanks">Buy for 49.90</a>'),
    "/thanks": () => html("<h1>Thank you</h1>", pasted.sale),
  });
  return { url: url.replace("127.0.0.1", host), pages, pasted };
}

// From the link in the terminal to the snippets. Pastes them, with the order's own words in the place of each placeholder.
async function setUpTracking(person, page, server, shop, channel) {
  await page.goto(`${server.url}/admin/setup?code=${server.setupCode}`);
  await person.type(page.locator("#member_name"), ADMIN.member);
  await person.type(page.locator("#username"), ADMIN.user);
  await person.type(page.locator("#password"), ADMIN.password);
  await person.press(page.locator("main form .foot button"));
  await onOverview(page);
  await person.press(page.locator('main a[href="/admin/tracking/new"]').first());
  await person.type(page.locator("#name"), "Green Tea Club");
  await person.type(page.locator("#site"), shop.url);
  await person.press(page.locator("main form .foot button"));
  await person.press(page.locator(`label[for="ads-${channel}"]`));
  await person.press(page.locator("main form .foot button"));
  await page.waitForURL(/\/snippets$/);
  shop.pasted.site = await page.locator("#site-tag").innerText();
  const sale = await page.locator("#sale-tag").innerText();
  shop.pasted.sale = Object.entries(ORDER).reduce((text, [placeholder, value]) => text.replaceAll(placeholder, value), sale);
  assert.doesNotMatch(shop.pasted.sale, /\[[A-Z_]+\]/, "every placeholder is filled in");
}

// Where the ad is seen, with the ad in it.
const ADS = {
  google: async (_, shop) => `<a id="ad" href="${shop.url}/?gad_source=1&gclid=EAIaIQobChMI-tea">Green tea</a>`,
  banners: async (page) => {
    const [link, view] = await page.locator("pre[id^=ad-]").allInnerTexts();
    return `<a id="ad" href="${link.replaceAll("&", "&amp;")}">Green tea</a>${view.replaceAll("[CACHEBUSTER]", "4711")}`;
  },
  newsletter: async (page, shop) => {
    const parameters = await page.locator("#parameters-newsletter").innerText();
    return `<a id="ad" href="${shop.url}/?${parameters.replaceAll("&", "&amp;")}">Green tea</a>`;
  },
};

// Somebody follows the ad and buys, in a browser profile of their own.
async function followAndBuy(t, person, browser, ad, shop, own) {
  const place = await startSite(t, { "/": `<h1>Elsewhere</h1>${ad}` });
  const visitor = await newPage(t, browser, { own });
  await visitor.goto(place.url);
  const arrived = visitor.waitForResponse((answer) => new URL(answer.url()).pathname === "/landing");
  await person.press(visitor.locator("#ad"));
  await visitor.waitForURL((url) => url.origin === shop.url);
  await arrived;
  await person.press(visitor.locator("#buy"));
  await visitor.getByRole("heading", { name: "Thank you" }).waitFor();
}

const ticks = (page, state) => page.locator(`.wait-mark g rect.${state}`);

for (const [channel, name] of [["google", "Google Ads"], ["banners", "Banners, partners"], ["newsletter", "Newsletter"]]) {
  testIn(EVERYWHERE, `a newcomer measures the first sale of ${name}`, async (t, browser) => {
    const server = await startServer(t);
    const person = new Person();
    const page = await newPage(t, browser);
    const shop = await startShop(t);
    await setUpTracking(person, page, server, shop, channel);
    assert.ok(person.clicks <= MOST.clicksToSnippets, `${person.clicks} clicks to the snippets`);
    assert.ok(person.fields <= MOST.fields, `${person.fields} typed fields`);
    const ad = await ADS[channel](page, shop);

    await person.press(page.locator('main .foot a[href$="/first-sale"]'));
    await page.locator(".wait-mark").waitFor();
    assert.equal(await ticks(page, "on").count(), 0);
    await followAndBuy(t, person, browser, ad, shop);
    // The page learns of it by itself.
    await ticks(page, "on").nth(3).waitFor();
    assert.ok(person.clicks <= MOST.clicksToSale, `${person.clicks} clicks to the credited sale`);
    assert.equal(await page.locator(".milestones .notice").count(), 0, "nothing is wrong");
    t.diagnostic(`${person.clicks} clicks, ${person.fields} typed fields`);

    await page.locator('main .foot a.primary[href^="/admin/conversions/"]').click();
    await page.locator(".verdict.click").waitFor();
    const said = await page.locator("main").innerText();
    for (const part of [name, ORDER["[ORDER_ID]"], "49.90"]) assert.ok(said.includes(part), `${part} is on the page:\n${said}`);
  });
}

// Browsers take localhost and 127.0.0.1 for two sites, so the shop's pages send no cookie to pixeld.
testIn(EVERYWHERE, "the set-up says that shop and tags are two sites, and what came of it", async (t, browser) => {
  const own = ["localhost"];
  const server = await startServer(t);
  const page = await newPage(t, browser, { own });
  const shop = await startShop(t, "localhost");
  const person = new Person();
  await setUpTracking(person, page, server, shop, "google");
  assert.match(await page.locator("main .lede").innerText(), /another site/);
  const ad = await ADS.google(page, shop);
  await page.locator('main .foot a[href$="/first-sale"]').click();
  await followAndBuy(t, person, browser, ad, shop, own);
  await page.locator(".milestones .notice.warn").first().waitFor();
  const wrong = await page.locator(".milestones .notice.warn").first().innerText();
  for (const part of ["sent no cookie", "localhost", "127.0.0.1"]) assert.ok(wrong.includes(part), wrong);
  await page.locator(".milestones .notice.warn a").first().click();
  const said = await page.locator("main").innerText();
  assert.ok(said.includes("no cookie") && said.includes("px.localhost") === false, said);
});
