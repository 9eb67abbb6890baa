/** The page: wires table, state, connection and views together. */

import { copyPicture, copyText, savePicture } from "./clipboard.js";
import { Connection } from "./connection.js";
import { byId, setText } from "./dom.js";
import { catchUncaught, dismissMessage, showMessage } from "./errors.js";
import { makeRules } from "./rules.js";
import { bindPermalink } from "./permalink.js";
import { bindSceneInput } from "./scene-input.js";
import { buildPage } from "./page.js";
import { OwnFiles } from "./own/files.js";
import { Store } from "./store.js";
import { Synchronizer } from "./synchronizer.js";
import { bindTheme } from "./theme.js";
import { Webcam } from "./own/webcam.js";
import { refreshEnlarged } from "./views/enlarged.js";
import { makePictureView } from "./views/picture.js";
import { StatusView } from "./views/status.js";

catchUncaught();
bindTheme(byId("theme"));

const status = new StatusView();
const drawPicture = makePictureView(byId("picture"));

/** Made by the first welcome. @type {{store: Store, sync: Synchronizer, views: import("./page.js").Views, files: OwnFiles,
 *   webcam: Webcam, table: string} | undefined} */
let page;
/** The frame that waits for the next repaint. @type {import("./protocol.js").Frame | undefined} */
let waiting;

const socketAddress = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
const connection = new Connection(socketAddress, {
  onState: (state, detail) => status.connection(state, detail),
  onWelcome: welcomed,
  onFrame: (frame) => {
    waiting = frame;
    // A hidden tab gets no repaint: it draws nothing and so asks for nothing.
    requestAnimationFrame(drawWaiting);
  },
  onFeatureVis: (row) => page?.views.drawFeatures(row),
  onLayer: (layer) => page?.views.drawLayer(layer),
  onError: reported,
  onNotice: noticed,
});

/** @param {import("./protocol.js").Welcome} welcome */
function welcomed(welcome) {
  const table = JSON.stringify([welcome.version, welcome.parameters, welcome.architectures]);
  if (page && page.table !== table) {
    connection.refuse(
      `The server now runs version ${welcome.version}, with other parameters than this page knows.`,
    );
    return;
  }
  page ??= firstWelcome(welcome, table);
  page.files.session = welcome.session;
  for (const id of ["loading", "worker_restarted"]) dismissMessage(id);
  waiting = undefined;
  page.webcam.step();
  page.sync.begin();
  connection.sendReady();
}

/** @param {import("./protocol.js").Welcome} welcome @param {string} table */
function firstWelcome(welcome, table) {
  const store = new Store(welcome.parameters, makeRules(welcome));
  bindPermalink(store, welcome.layers, (problems) => {
    showMessage({
      id: "permalink",
      title: "Part of the address was left out",
      text: problems.slice(0, 4).join("; "),
      advice: "Everything else was taken.",
    });
  });
  const sync = new Synchronizer(store, (revision, values) => {
    const sent = connection.sendPatch(revision, values);
    if (sent) status.computing(true);
    return sent;
  });
  const files = new OwnFiles(store);
  const act = {
    attack: (action, steps) => {
      sync.flush(); // the attack takes the newest values
      connection.sendAttack(action, steps);
    },
    featureVis: (action, slot) => connection.sendFeatureVis(action, slot),
    askLayer: () => {
      sync.flush();
      connection.sendLayer();
    },
  };
  const views = buildPage(store, welcome, act, files);
  const webcam = new Webcam(store, welcome.picture_size, (pixels) => connection.sendWebcam(pixels));
  bindSceneInput(byId("scene"), store);
  document.body.dataset.phase = "frame";
  return { store, sync, views, files, webcam, table };
}

function drawWaiting() {
  const frame = waiting;
  if (!frame) return;
  waiting = undefined;
  try {
    draw(frame);
  } finally {
    page.webcam.step();
    // Also after a frame that could not be drawn: the next may be.
    connection.sendReady();
  }
}

/** @param {import("./protocol.js").Frame} frame */
function draw(frame) {
  drawPicture(frame.buffers.picture);
  page.views.draw(frame);
  refreshEnlarged();
  page.views.effect.confirm(page.sync.shown(frame.revision, "post.custom"));
  status.frame(frame, page.sync.confirm(frame.revision));
  status.computing(page.sync.waiting);
  document.body.dataset.phase = "live";
  document.body.dataset.revision = String(frame.revision);
}

/** @param {import("./protocol.js").ErrorMessage} error */
function reported(error) {
  const making = ["render", "effect", "model", "internal"].includes(error.code);
  if (making) page?.sync.giveUp();
  else if (error.revision !== undefined) page?.sync.refuse(error.revision, error.key);
  status.computing(Boolean(page?.sync.waiting));
  if (making && page?.webcam.starting) return; // its first picture is on the way
  if (error.code === "effect" && page) {
    page.views.effect.refuse(error);
    return;
  }
  showMessage({
    id: `${error.code}.${error.key ?? ""}`,
    text: error.message,
    ...adviceOn(error, making),
  });
}

/** @param {import("./protocol.js").ErrorMessage} error @param {boolean} making whether a frame failed */
function adviceOn({ code, key }, making) {
  if (code === "attack")
    return { title: "The attack can't go on", advice: "Choose another target or setting, then step again." };
  if (making)
    return {
      title: "This frame could not be made",
      advice: "The last picture stays; change a parameter to try again.",
    };
  const refused = key ? `${page?.store.rows.get(key)?.label ?? key} was refused` : undefined;
  return { title: refused ?? "The server refused a message", advice: "The last accepted value is back." };
}

/** @param {import("./protocol.js").Notice} notice */
function noticed(notice) {
  if (notice.code === "loaded") {
    dismissMessage("loading");
    setText(byId("loading-detail"), "");
    return;
  }
  const loading = notice.code === "loading";
  if (document.body.dataset.phase === "frame") {
    setText(byId("loading-detail"), loading ? `: loading ${notice.what}` : "");
    if (loading) return;
  }
  const titles = {
    loading: `Loading ${notice.what ?? ""}`.trim(),
    worker_restarted: "The renderer was restarted",
  };
  showMessage({
    id: notice.code,
    level: "info",
    title: titles[notice.code] ?? "Notice",
    text: notice.message,
    busy: loading,
    seconds: loading ? undefined : 8,
  });
}

byId("copy-link").addEventListener("click", () => copyText(location.href, "Link"));
byId("copy-picture").addEventListener("click", () => copyPicture(byId("picture")));
byId("save-picture").addEventListener("click", () =>
  savePicture(byId("picture"), `perturber-${document.body.dataset.revision ?? 0}.png`),
);
byId("reset-all").addEventListener("click", () => page?.store.replace({}));
byId("reconnect").addEventListener("click", () =>
  connection.state === "incompatible" ? location.reload() : connection.retryNow(),
);

connection.open();
