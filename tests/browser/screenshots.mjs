// Takes the README's pictures of `pixeld demo`, and those of *Set up tracking* on a fresh server. Overwrites docs/NAME.png:
//   npm run screenshots [NAME ...]
// Needs Debian's pngquant.

import { execFileSync } from "node:child_process";
import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { onOverview, setUp, signIn, submit } from "./support/admin.mjs";
import { newPage, startBrowser } from "./support/browser.mjs";
import { startDemo, startServer } from "./support/servers.mjs";

// In bytes. Larger files make a page of documentation slow.
const LARGEST = 120_000;

// How to show each page, and the height of its picture.
const PICTURES = {
  overview: { height: 860, show: overview },
  "overview-dark": { height: 860, show: overview, colorScheme: "dark" },
  "line-items": { height: 740, show: lineItems },
  conversion: { height: 1060, show: conversion },
  "pixel-form": { height: 900, show: pixelForm },
  export: { height: 900, show: exportTags },
  live: { height: 860, show: live },
};

// The steps of *Set up tracking*, one after the other. `act` leads from one to the next.
const STEPS = {
  "pictures/setup-shop": { height: 800, act: theShop },
  "pictures/setup-ads": { height: 740, act: theAds },
  "pictures/setup-snippets": { height: 1060, act: theSnippets },
  "pictures/setup-first-sale": { height: 660, act: theFirstSale },
};
const PUBLIC_URL = "https://px.green-tea.example";

async function theShop(page, server) {
  await page.goto(`${server.url}/admin/tracking/new`);
  await page.locator("#name").fill("Green Tea Club");
  await page.locator("#site").fill("green-tea.example");
  await page.locator("h1").click();
}

async function theAds(page) {
  await submit(page);
  await page.waitForURL(/\/ads$/);
  for (const channel of ["google", "newsletter", "banners"]) await page.locator(`label[for="ads-${channel}"]`).click();
}

async function theSnippets(page) {
  await submit(page);
  await page.waitForURL(/\/snippets$/);
}

// Somebody opened the shop by an ad, and has bought nothing yet.
async function theFirstSale(page, server) {
  const headers = { referer: "https://green-tea.example/", "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" };
  await fetch(`${server.url}/site.js?id=1`, { headers });
  const body = JSON.stringify({ id: 1, page_url: "https://green-tea.example/sencha", parameters: { gclid: ["EAIaIQob"] } });
  await fetch(`${server.url}/landing`, { method: "POST", headers, body });
  await page.locator('main .foot a[href$="/first-sale"]').click();
  await page.locator(".wait-mark rect.on").nth(1).waitFor();
}

async function overview(page, demo) {
  await page.goto(`${demo.url}/admin`);
}

async function lineItems(page, demo) {
  await page.goto(`${demo.url}/admin/line-items`);
}

async function pixelForm(page, demo) {
  await page.goto(`${demo.url}/admin/pixels?search=Purchase`);
  await page.locator("tbody td.name a").first().click();
  await page.locator('main .head a[href$="/edit"]').click();
}

// The snippet for a shop, with its instructions.
async function exportTags(page, demo) {
  await page.goto(`${demo.url}/admin/export?id=1&chosen=yes&for=shopify&kind=image&param=order_id&param=value&param=currency`);
}

// A sale whose visitor saw and clicked several ads: one earned the credit, one lost, and one was too old. They must fit
// the picture.
async function conversion(page, demo) {
  let address = `${demo.url}/admin/conversions?outcome=attributed&reason=post_click`;
  for (let read = 0; read < 20; read += 1) {
    await page.goto(address);
    const rows = await page.locator("tbody tr").filter({ hasText: /EUR/ }).locator("td:first-child a").all();
    const links = await Promise.all(rows.map((row) => row.getAttribute("href")));
    address = await page.locator("a[rel=next]").evaluate((link) => link.href);
    for (const link of links) {
      await page.goto(demo.url + link);
      const count = (kind) => page.locator(kind).count();
      const { y, height } = await page.locator(".moments").boundingBox();
      const fits = y + height < page.viewportSize().height;
      if (fits && (await count(".moments .out")) > 0 && (await count(".moments .beaten")) > 0) return;
    }
  }
  throw new Error("the demo holds no such conversion");
}

// A visitor buys in the demo's shop while the page is open. The last event is opened.
async function live(page, demo) {
  await page.goto(`${demo.url}/admin/live`);
  await page.locator(".live-state.is-live").waitFor();
  const visitor = await page.context().newPage();
  await visitor.goto(`${demo.url}/demo/news`, { waitUntil: "load" });
  await visitor.locator("a.ad").click();
  await visitor.locator(".product-form button").click();
  await visitor.locator(".checkout button").click();
  await visitor.locator(".thanks").waitFor();
  await visitor.goto(`${demo.url}/px?id=4711&order_id=R-1`);
  await visitor.close();
  await page.bringToFront();
  await page.locator(".event").filter({ hasText: "R-1" }).first().waitFor();
  const event = page.locator(".event").filter({ hasText: "DEMO-" }).first();
  await event.locator("summary:not(.help > summary)").click();
}

async function take(page, name) {
  // A control under the pointer has another colour.
  await page.mouse.move(0, 0);
  const file = fileURLToPath(new URL(`../../docs/${name}.png`, import.meta.url));
  await page.screenshot({ path: file });
  execFileSync("pngquant", ["--force", "--strip", "--speed", "1", "--output", file, "256", file]);
  const { size } = await stat(file);
  console.log(`${file}: ${size} bytes`);
  if (size > LARGEST) throw new Error(`${name} is larger than ${LARGEST} bytes`);
}

async function takeSteps(browser, isWanted) {
  const server = await startServer(t, ["--public-url", PUBLIC_URL]);
  const page = await newPage(t, browser, { locale: "de-DE", timezoneId: "Europe/Berlin", viewport: { width: 1280, height: 800 } });
  await setUp(page, server);
  for (const [name, { height, act }] of Object.entries(STEPS)) {
    await page.setViewportSize({ width: 1280, height });
    await act(page, server);
    if (isWanted(name)) await take(page, name);
  }
}

const ends = [];
const t = { after: (end) => ends.push(end) };
try {
  const names = process.argv.slice(2);
  const isWanted = (name) => names.length === 0 || names.includes(name);
  const browser = await startBrowser(t);
  const pictures = Object.entries(PICTURES).filter(([name]) => isWanted(name));
  const demo = pictures.length > 0 && (await startDemo(t));
  for (const [name, { height, show, colorScheme }] of pictures) {
    const page = await newPage(t, browser, { colorScheme, viewport: { width: 1280, height } });
    await signIn(page, demo, demo);
    await onOverview(page);
    await show(page, demo);
    await take(page, name);
  }
  if (Object.keys(STEPS).some(isWanted)) await takeSteps(browser, isWanted);
} finally {
  for (const end of ends) await end();
}
