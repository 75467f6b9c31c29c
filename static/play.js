// Entry of the participant's page: the token is in the address, the first screen in the page, all else comes over the wire.

import { Banner } from "./banner.js";
import { Menu } from "./menu.js";
import { preferences } from "./preferences.js";
import { Session } from "./session.js";

/** @param {string} id */
function part(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

preferences.load();
const token = location.pathname.split("/").filter(Boolean)[1] ?? "";
const banner = new Banner(part("banner"));
const menu = new Menu(part("menu"), {
  speak: (lang) => session.send("localise", { lang }),
  withdraw: () => session.send("withdraw"),
  part: () => session.presence.part(),
  changed: () => session.draw(),
});
const session = new Session(token, { root: part("root"), banner, menu });
// The screen that the page brings is drawn while the line is still being made.
const first = document.getElementById("first")?.textContent;
if (first) void session.show(JSON.parse(first));
session.start();
