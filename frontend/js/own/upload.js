/** Sends files to the server in one body: docs/protocol.md, "Uploads". */

const MAGIC = "PTBU";

/**
 * @param {File[]} files
 * @returns {Blob} the body: magic, length of the header, header, files
 */
export function bundle(files) {
  const header = new TextEncoder().encode(JSON.stringify(files.map(({ name, size }) => ({ name, size }))));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, header.length, true);
  return new Blob([MAGIC, length, header, ...files]);
}

/**
 * @param {string} kind
 * @param {File[]} files
 * @param {string} session
 * @param {(progress: number) => void} report how much of it is sent, in [0, 1]
 * @returns {Promise<import("./files.js").About>}
 * @throws {Error} refused, with the server's reason, or the way there is broken
 */
export function send(kind, files, session, report) {
  const request = new XMLHttpRequest(); // fetch doesn't tell how much of a body is sent
  return new Promise((resolve, reject) => {
    request.upload.onprogress = (event) => event.lengthComputable && report(event.loaded / event.total);
    request.upload.onload = () => report(1);
    request.onload = () => {
      const answer = readAnswer(request.responseText);
      if (request.status === 201 && answer) resolve(answer);
      else reject(new Error(answer?.detail ?? `the server answered ${request.status}`));
    };
    request.onerror = () => reject(new Error("the file did not reach the server, or was too large for it"));
    request.open("POST", `api/uploads/${kind}`);
    request.setRequestHeader("X-Perturber-Session", session);
    request.send(bundle(files));
  });
}

function readAnswer(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
