/**
 * Files dragged over the scene: it says where they may go, takes them, and shows what became of them.
 */

import { element, icon, setText } from "../dom.js";
import { PLACES, placeOf } from "./files.js";
import { bindDrop } from "./row.js";

/**
 * @param {HTMLElement} scene
 * @param {import("./files.js").OwnFiles} files
 */
export function bindSceneDrop(scene, files) {
  const zones = PLACES.map(({ key }) => makeZone(key, files, () => end()));
  const overlay = element("div", { class: "drop-overlay", hidden: true }, ...zones.map(({ node }) => node));
  const report = makeReport(files);
  scene.append(overlay, report);
  const end = () => (overlay.hidden = true);
  scene.addEventListener("dragenter", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    const places = placesFor(event.dataTransfer, Boolean(files.store.get("scene.object_file")));
    for (const zone of zones) zone.node.hidden = !places.includes(zone.key);
    overlay.hidden = false;
  });
  scene.addEventListener("dragleave", (event) => {
    if (!scene.contains(/** @type {Node | null} */ (event.relatedTarget))) end();
  });
  // A file that misses its place must not replace the page.
  for (const name of ["dragover", "drop"]) {
    addEventListener(name, (event) => {
      if (/** @type {DragEvent} */ (event).dataTransfer?.types.includes("Files")) event.preventDefault();
      if (name === "drop") end();
    });
  }
}

/** Pictures may be a background or a picture; anything else is a model. */
function placesFor(transfer, withObject) {
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const pictures = items.length === 1 && items[0].type.startsWith("image/");
  if (pictures) return ["scene.background_file", "scene.picture_file"];
  return withObject ? ["scene.object_file", "scene.object_end_file"] : ["scene.object_file"];
}

function makeZone(key, files, end) {
  const node = element("div", { class: "drop-zone" }, icon("open"), element("span", {}, placeOf(key).title));
  bindDrop(node, (dropped) => {
    end();
    files.bring(key, dropped);
  });
  return { key, node };
}

/** What became of the files that were brought last, at the foot of the picture. */
function makeReport(files) {
  const text = element("span", { class: "drop-words" });
  const close = element(
    "button",
    { type: "button", class: "icon-button", "aria-label": "Dismiss" },
    icon("close"),
  );
  const node = element("div", { class: "drop-report", role: "status", hidden: true }, text, close);
  close.addEventListener("click", () => (node.hidden = true));
  for (const name of ["pointerdown", "dblclick"])
    node.addEventListener(name, (event) => event.stopPropagation());
  files.subscribe((key) => {
    const status = files.status(key);
    const busy = status.state === "sending" || status.state === "reading";
    if (!busy && status.state !== "refused" && node.dataset.place !== key) return;
    node.dataset.place = key;
    node.dataset.state = status.state;
    node.hidden = !busy && status.state !== "refused";
    close.hidden = busy;
    if (busy) setText(text, `${status.state === "sending" ? "Sending" : "Reading"} ${status.name}`);
    if (status.state === "refused") setText(text, `${placeOf(key).title} not taken: ${status.reason}`);
  });
  return node;
}
