// The colours of maps: light that rises with importance, or the same to both sides of zero.

import assert from "node:assert/strict";
import { test } from "node:test";
import { drawn, PANES, viewOf } from "./page.js";
import { alphas, blend, covers, opacity, PALETTES } from "../../static/heat.js";

const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
const lightness = (rgb) => (luminance(rgb) <= 0.008856 ? 903.3 * luminance(rgb) : 116 * Math.cbrt(luminance(rgb)) - 16);
const rgbOf = ({ r, g, b }) => r.map((_, i) => [r[i], g[i], b[i]]);
const hex = (text) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16) / 255);
const rises = (list) => list.every((v, i) => i === 0 || v > list[i - 1]);

/** Simple dichromats (Vienot 1999) on linear light. */
const dichromat = {
  protan: ([r, g, b]) => [0.11238 * r + 0.88762 * g, 0.11238 * r + 0.88762 * g, 0.00401 * r - 0.00401 * g + b],
  deutan: ([r, g, b]) => [0.29275 * r + 0.70725 * g, 0.29275 * r + 0.70725 * g, -0.02234 * r + 0.02234 * g + b],
};

for (const name of ["inferno", "cividis"]) {
  test(`${name} gets lighter at every step`, () => assert.ok(rises(rgbOf(PALETTES[name]).map(lightness))));
}

test("coolwarm is as light at equal distance from a grey middle", () => {
  const colours = rgbOf(PALETTES.coolwarm);
  const middle = colours[8];
  assert.ok(Math.max(...middle) - Math.min(...middle) < 0.01);
  for (let i = 0; i < 8; i += 1) assert.ok(Math.abs(lightness(colours[i]) - lightness(colours[16 - i])) < 6, `step ${i}`);
});

test("the ends of coolwarm stay apart for dichromats", () => {
  const [cold, warm] = [blend(PALETTES.coolwarm)[0], blend(PALETTES.coolwarm).at(-1)].map((text) => hex(text).map(linear));
  for (const seen of Object.values(dichromat)) assert.ok(Math.hypot(...seen(cold).map((v, i) => v - seen(warm)[i])) > 0.2);
});

test("alpha rises with importance and is nothing at zero, the mask the other way round", () => {
  const [one, two] = [alphas(), alphas(true)];
  assert.equal(one[0], 0);
  assert.equal(one.at(-1), 1);
  assert.deepEqual(two, two.toReversed());
  assert.equal(two[16], 0);
  assert.equal(two[17], alphas(true)[15]);
  assert.deepEqual([covers()[0], covers().at(-1), covers(true)[16], covers(true)[0]], [0.9, 0, 0.9, 0]);
  assert.deepEqual(covers(true), covers(true).toReversed());
});

test("the zero of a signed file, 128 of 255, is not seen", () => {
  const [low, high] = [alphas(true)[16], alphas(true)[17]];
  const at = (128 / 255) * 32 - 16;
  assert.ok(low + (high - low) * at < 0.02);
});

test("the legend shows the blend: grey where nothing is drawn, then the palette at the default strength", () => {
  assert.equal(blend(PALETTES.inferno)[0], "#626262");
  assert.equal(blend(PALETTES.inferno).at(-1), "#dddf97");
  assert.equal(blend(PALETTES.coolwarm)[8], "#626262");
  assert.equal(opacity(60), 0.799);
});

test("every palette has its filter and scales in the page, and the tables are those tested here", async () => {
  await drawn(viewOf([PANES]));
  for (const [name, { r, signed }] of Object.entries(PALETTES)) {
    assert.equal(document.querySelector(`#heat-${name} feFuncR`).getAttribute("tableValues"), r.join(" "));
    assert.equal(document.querySelector(`#heat-${name} feFuncA`).getAttribute("tableValues"), alphas(signed).join(" "));
    assert.equal(document.querySelector(`#heat-${name}`).getAttribute("color-interpolation-filters"), "sRGB");
    assert.equal(document.querySelector(`#heat-${name} feComposite`).getAttribute("in2"), "SourceAlpha");
    assert.ok(document.querySelector(`#scale-${name}-along stop`));
    assert.ok(document.querySelector(`#scale-${name}-up stop`));
  }
  for (const id of ["mask", "mask-signed"]) assert.ok(document.querySelector(`#${id} feComposite`), "a hidden side would darken the other");
});
