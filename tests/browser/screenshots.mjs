// Takes the README's pictures, from what `pixeld demo` shows: npm run screenshots [NAME ...]
// No test: it judges nothing, and it overwrites docs/NAME.png. Needs pngquant, which Debian has.

import { execFileSync } from "node:child_process";
import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { newPage, signIn, startBrowser, startDemo } from "./support/harness.mjs";

// Larger files make a page of documentation slow, in bytes.
const LARGEST = 120_000;

// By name: what to show, and how high the picture is.
const PICTURES = {
  overview: { height: 860, show: overview },
  "overview-dark": { height: 860, show: overview, colorScheme: "dark" },
  conversion: { height: 1060, show: conversion },
  "pixel-form": { height: 900, show: pixelForm },
  export: { height: 900, show: exportTags },
  live: { height: 860, show: live },
};

async function overview(page, demo) {
  await page.goto(`${demo.url}/admin`);
}

async function pixelForm(page, demo) {
  await page.goto(`${demo.url}/admin/pixels?search=Purchase`);
  await page.getByRole("link", { name: "Purchase" }).first().click();
  await page.getByRole("link", { name: "Edit" }).click();
}

// The snippet for a shop, with what is done with it.
async function exportTags(page, demo) {
  await page.goto(`${demo.url}/admin/export?id=1&chosen=yes&for=shopify&kind=image&param=order_id&param=value&param=currency`);
}

// A sale whose visitor saw and clicked several ads, of which one earned the credit, one lost and one was too old: as
// many as the picture has room for.
async function conversion(page, demo) {
  let address = `${demo.url}/admin/conversions?outcome=attributed&reason=post_click`;
  for (let read = 0; read < 20; read += 1) {
    await page.goto(address);
    const rows = await page.locator("tbody tr").filter({ hasText: /EUR/ }).locator("td:first-child a").all();
    const links = await Promise.all(rows.map((row) => row.getAttribute("href")));
    address = await page.getByRole("link", { name: "Next" }).evaluate((link) => link.href);
    for (const link of links) {
      await page.goto(demo.url + link);
      const count = (kind) => page.locator(kind).count();
      const { y, height } = await page.locator(".timeline").boundingBox();
      const fits = y + height < page.viewportSize().height;
      if (fits && (await count(".moment.is-out")) > 0 && (await count(".moment.is-eligible")) > 0) return;
    }
  }
  throw new Error("the demo holds no such conversion");
}

// Somebody goes through the demo's shop while the page is open; the last fire is opened.
async function live(page, demo) {
  await page.goto(`${demo.url}/admin/live`);
  await page.getByText("Watching").waitFor();
  const visitor = await page.context().newPage();
  await visitor.goto(`${demo.url}/demo/news`, { waitUntil: "load" });
  await visitor.locator("a.ad").click();
  await visitor.getByRole("button", { name: "Put it into the cart" }).click();
  await visitor.getByRole("button", { name: "Buy it" }).click();
  await visitor.getByRole("heading", { level: 1 }).waitFor();
  await visitor.goto(`${demo.url}/px?id=4711&order_id=R-1`);
  await visitor.close();
  await page.bringToFront();
  await page.getByText("There is no such pixel").first().waitFor();
  const fire = page.locator(".event").filter({ hasText: "order DEMO-" }).first();
  await fire.locator("summary").click();
}

const ends = [];
const t = { after: (end) => ends.push(end) };
try {
  const names = process.argv.slice(2);
  const demo = await startDemo(t);
  const browser = await startBrowser(t);
  for (const [name, { height, show, colorScheme }] of Object.entries(PICTURES)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const page = await newPage(t, browser, { colorScheme, viewport: { width: 1280, height } });
    await signIn(page, demo, demo);
    await show(page, demo);
    // The pointer would colour what it rests on.
    await page.mouse.move(0, 0);
    const file = fileURLToPath(new URL(`../../docs/${name}.png`, import.meta.url));
    await page.screenshot({ path: file });
    execFileSync("pngquant", ["--force", "--strip", "--speed", "1", "--output", file, "256", file]);
    const { size } = await stat(file);
    console.log(`${file}: ${size} bytes`);
    if (size > LARGEST) throw new Error(`${name} is larger than ${LARGEST} bytes`);
  }
} finally {
  for (const end of ends) await end();
}
