/** One activation map, large, with its statistics; it keeps following the frames. */

import { byId, element, icon, setText } from "../dom.js";
import { fixed } from "./numbers.js";
import { Tile } from "./tile.js";

/** @type {{tile: Tile, index: number, row: import("./activations.js").ActivationRow} | undefined} */
let open;

/**
 * @param {import("./activations.js").ActivationRow} row
 * @param {Tile} source
 */
export function openEnlarged(row, source) {
  const dialog = byId("enlarged");
  const tile = new Tile(() => dialog.close());
  tile.node.setAttribute("aria-label", "Close");
  open = { tile, row, index: row.tiles.indexOf(source) };
  const close = element(
    "button",
    { type: "button", class: "icon-button", "aria-label": "Close" },
    icon("close"),
  );
  close.addEventListener("click", () => dialog.close());
  const heading = element(
    "h2",
    { id: "enlarged-title" },
    element("span", { class: "chip" }, row.title),
    element("span", { class: "enlarged-unit" }),
  );
  dialog.className = row.slot;
  dialog.replaceChildren(
    element("header", {}, heading, close),
    tile.node,
    element("dl", { class: "statistics" }),
  );
  dialog.addEventListener(
    "close",
    () => {
      open = undefined;
      source.node.focus();
    },
    { once: true },
  );
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.showModal();
  refreshEnlarged();
}

/** Draws the enlarged map anew, if one is open. */
export function refreshEnlarged() {
  if (!open) return;
  const dialog = byId("enlarged");
  const source = open.row.tiles[open.index];
  if (!source?.map) {
    dialog.close();
    return;
  }
  open.tile.draw(source.map, open.row.colours);
  setText(dialog.querySelector(".enlarged-unit"), `${source.map.layer}:${source.map.unit}`);
  writeStatistics(dialog.querySelector("dl"), source);
}

function writeStatistics(list, { map }) {
  const { values, start, width, height, divisor } = map;
  const own = values.subarray(start, start + width * height);
  const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
  const deviation = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length);
  const rows = [
    ["Size", `${width} × ${height}`],
    [
      "Minimum",
      fixed(
        own.reduce((a, b) => Math.min(a, b)),
        2,
      ),
    ],
    [
      "Maximum",
      fixed(
        own.reduce((a, b) => Math.max(a, b)),
        2,
      ),
    ],
    ["Mean", fixed(mean, 2)],
    ["Deviation", fixed(deviation, 2)],
    ["Divisor", fixed(divisor, 2)],
  ];
  if (!list.children.length) {
    list.append(...rows.map(([name]) => element("div", {}, element("dt", {}, name), element("dd", {}))));
  }
  rows.forEach(([, text], index) => setText(list.children[index].lastChild, text));
}
