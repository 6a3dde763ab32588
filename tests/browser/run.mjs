// Runs the browser tests in one process, so that they share the browsers and one demo:
//   node --test-reporter=spec run.mjs [PART OF A PATH ...]

import { readdir } from "node:fs/promises";

const here = new URL("./", import.meta.url);
const rooms = (await readdir(here, { withFileTypes: true })).filter((entry) => entry.isDirectory() && entry.name !== "node_modules");
const files = [];
for (const { name } of rooms) {
  const all = await readdir(new URL(`${name}/`, here));
  files.push(...all.filter((file) => file.endsWith(".test.js")).map((file) => `${name}/${file}`));
}
const parts = process.argv.slice(2);
// The files that use the demo come one after the other, so that it starts once.
files.sort((a, b) => b.startsWith("demo/") - a.startsWith("demo/") || a.localeCompare(b));
const chosen = files.filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
if (chosen.length === 0) throw new Error(`no test file matches ${parts.join(" ")}`);
for (const file of chosen) await import(new URL(file, here));
