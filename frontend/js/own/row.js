/**
 * The line of a place for files: empty with a button, on its way with a bar, loaded with a picture, refused with
 * the reason. Files may be dropped on it.
 *
 * @typedef {import("../slider.js").Control} Control
 */

import { element, icon, setText } from "../dom.js";
import { PLACES, describeContent, placeOf } from "./files.js";

/**
 * A maker for `Controls.make`.
 * @param {import("./files.js").OwnFiles} files
 * @returns {(store: import("../store.js").Store, row: import("../protocol.js").Parameter) => Control}
 */
export function contentMaker(files) {
  return (store, row) => {
    const parts = makeParts(row);
    const { node, input, choose, remove } = parts;
    choose.addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      if (input.files.length) files.bring(row.key, [...input.files]);
      input.value = "";
    });
    remove.addEventListener("click", () => files.remove(row.key));
    bindDrop(node, (dropped) => files.bring(row.key, dropped));
    const update = () => draw(parts, files, row.key);
    files.subscribe((key) => key === row.key && update());
    store.subscribe((changed) => changed.has("scene.object_file") && update());
    return { node, update, rename: (text) => setText(parts.label, text) };
  };
}

function makeParts(row) {
  const { accept, kind } = placeOf(row.key);
  const label = element("label", { for: row.key }, row.label);
  const described = { "aria-describedby": `${row.key}.help` };
  const choose = element("button", { type: "button", id: row.key, class: "own-choose", ...described });
  const input = element("input", { type: "file", accept, multiple: kind === "object", hidden: true });
  const picture = element("img", { class: "own-thumbnail", alt: "", width: 32, height: 32, hidden: true });
  const text = element("span", { class: "own-text" });
  choose.append(picture, text);
  const remove = element(
    "button",
    {
      type: "button",
      class: "icon-button own-remove",
      "aria-label": `Remove ${row.label}`,
      title: "Remove",
      hidden: true,
    },
    icon("close"),
  );
  const bar = element("span", { class: "own-bar", hidden: true });
  const reason = element("p", { class: "own-reason", role: "alert", hidden: true });
  const node = element("div", { class: "control control-own" }, label, choose, remove, input, bar, reason);
  return { node, label, choose, picture, text, remove, input, bar, reason };
}

/** @param {ReturnType<typeof makeParts>} parts @param {import("./files.js").OwnFiles} files @param {string} key */
function draw(parts, files, key) {
  const { node, picture, text, remove, bar, reason } = parts;
  const status = files.status(key);
  const about = files.about(key);
  const content = files.store.get(key);
  node.hidden = key === "scene.object_end_file" && !files.store.get("scene.object_file");
  node.dataset.state = status.state;
  node.toggleAttribute("data-filled", Boolean(content));
  drawThumbnail(picture, about);
  text.replaceChildren(...words(status, about, key));
  text.title = about ? `${about.label}: ${describeContent(about)}` : "";
  remove.hidden = !content;
  bar.hidden = status.state !== "sending" && status.state !== "reading";
  bar.toggleAttribute("data-reading", status.state === "reading");
  bar.style.setProperty("--progress", String(status.state === "sending" ? status.progress : 1));
  reason.hidden = status.state !== "refused" && status.state !== "gone";
  setText(reason, reasonOf(status));
}

function drawThumbnail(picture, about) {
  const address = about ? `api/uploads/${about.kind}/${about.content}/thumbnail.webp` : "";
  picture.hidden = !about;
  if (about && picture.getAttribute("src") !== address) picture.setAttribute("src", address);
}

/** The button's text: two short lines, or an invitation. */
function words(status, about, key) {
  if (status.state === "sending") return [`Sending ${status.name}, ${Math.round(100 * status.progress)}%`];
  if (status.state === "reading") return [`Reading ${status.name}`];
  if (about) return [element("b", {}, about.label), element("small", {}, describeContent(about))];
  if (status.state === "gone") return ["Gone: choose its file again"];
  return [placeOf(key).kind === "object" ? "Choose model and textures" : "Choose picture"];
}

function reasonOf(status) {
  if (status.state === "refused") return `Not taken: ${status.reason}`;
  if (status.state === "gone") return "Its content is not kept on this machine (any more).";
  return "";
}

/** @param {HTMLElement} node @param {(files: File[]) => void} take */
export function bindDrop(node, take) {
  const over = (on) => node.toggleAttribute("data-drop", on);
  node.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    over(true);
  });
  node.addEventListener("dragleave", (event) => {
    const to = /** @type {Node | null} */ (event.relatedTarget);
    if (!node.contains(to)) over(false);
  });
  node.addEventListener("drop", (event) => {
    over(false);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    take(files);
  });
}

/**
 * What else of the page follows the files: menus offer only what is there, settings show only with their file.
 * @param {import("../controls.js").Controls} controls
 * @param {import("./files.js").OwnFiles} files
 */
export function followFiles(controls, files) {
  const { store } = controls;
  const menus = [
    ["scene.object", "custom", "scene.object_file"],
    ["scene.background", "custom", "scene.background_file"],
    ["scene.source", "picture", "scene.picture_file"],
  ];
  const dependent = [
    ["scene.object_up", () => store.get("scene.object_file")],
    ["scene.background_shape", () => store.get("scene.background_file")],
    ["scene.picture_fit", () => store.get("scene.picture_file") || store.get("scene.source") === "webcam"],
  ];
  const apply = () => {
    for (const [menu, value, file] of menus) {
      const select = /** @type {HTMLSelectElement} */ (document.getElementById(menu));
      const option = [...(select?.options ?? [])].find((candidate) => candidate.value === value);
      if (option) option.disabled = !store.get(file);
    }
    for (const [key, shown] of dependent) {
      const control = controls.made.get(key);
      if (control) control.node.hidden = !shown();
    }
  };
  store.subscribe((changed) => {
    if (changed.has("scene.source") || PLACES.some(({ key }) => changed.has(key))) apply();
  });
  apply();
}
