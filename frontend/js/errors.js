/**
 * Messages to the user: what happened, why, what to do. They lie over a corner of the page and block nothing.
 *
 * @typedef {{id: string, title: string, text: string, advice?: string, level?: "info" | "error", busy?: boolean,
 *   seconds?: number}} Message `id`: a newer message of the same id replaces the older
 */

import { byId, element, icon } from "./dom.js";

const MOST = 4;

/** @type {Map<string, HTMLElement>} */
const shown = new Map();

/** Shows a message. @param {Message} message */
export function showMessage({ id, title, text, advice, level = "error", busy = false, seconds }) {
  const body = element(
    "div",
    { class: "message-body" },
    element("strong", {}, title),
    element("p", {}, text),
  );
  if (advice) body.append(element("p", { class: "message-advice" }, advice));
  const close = element(
    "button",
    { type: "button", class: "icon-button", "aria-label": "Dismiss" },
    icon("close"),
  );
  close.addEventListener("click", () => dismissMessage(id));
  const node = element(
    "div",
    { class: `message message-${level}`, role: level === "error" ? "alert" : "status" },
    icon(level),
    body,
    close,
  );
  if (busy) node.append(element("span", { class: "running-bar" }));
  const old = shown.get(id);
  if (old) old.replaceWith(node);
  else byId("messages").append(node);
  shown.set(id, node);
  if (shown.size > MOST) dismissMessage(shown.keys().next().value);
  if (seconds) setTimeout(() => shown.get(id) === node && dismissMessage(id), seconds * 1000);
}

/** Takes a message away. @param {string} id */
export function dismissMessage(id) {
  shown.get(id)?.remove();
  shown.delete(id);
}

/** Makes every error that nobody caught visible: no silent dead page. */
export function catchUncaught() {
  const show = (/** @type {unknown} */ error) => {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    showMessage({
      id: "uncaught",
      title: "Something on this page failed",
      text,
      advice: "Reload the page; the address keeps your settings.",
    });
  };
  addEventListener("error", (event) => show(event.error ?? event.message));
  addEventListener("unhandledrejection", (event) => show(event.reason));
}
