// What goes beside words: photos and papers, a voice message, a place. Loaded when somebody first asks for it.

const LARGEST = 20000000; // bytes; as the service takes
const LONGEST_VOICE_MS = 180000;

export function attachTo(page) {
  const { byId, newKey, texts, send, sendPlace, tell, smaller } = page;
  const panel = byId("more");
  const file = byId("file");
  const voice = byId("voice");
  const place = byId("place");
  let recorder = null;
  let timer = 0;

  voice.hidden = !(navigator.mediaDevices && window.MediaRecorder);
  place.hidden = !navigator.geolocation;

  file.addEventListener("change", async () => {
    const chosen = Array.from(file.files);
    file.value = "";
    close();
    const album = chosen.length > 1 ? newKey() : "";
    for (const one of chosen) await sendFile(one, album);
  });
  byId("choose").addEventListener("click", () => file.click());
  voice.addEventListener("click", () => (recorder ? stop(true) : record()));
  byId("voice-cancel").addEventListener("click", () => stop(false));
  place.addEventListener("click", locate);

  async function sendFile(one, album) {
    const isPhoto = one.type.startsWith("image/");
    const content = isPhoto ? await smaller(one) : one;
    if (content.size > LARGEST) return tell("too_large");
    send({ content, as: isPhoto ? "photo" : "file", name: isPhoto ? "" : one.name, word: isPhoto ? "photo" : "file", album });
  }

  async function record() {
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (error) {
      return tell("no_microphone");
    }
    const parts = [];
    recorder = new MediaRecorder(stream);
    recorder.keep = true;
    recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
    recorder.addEventListener("stop", (event) => {
      for (const track of stream.getTracks()) track.stop();
      const content = new Blob(parts, { type: event.target.mimeType });
      if (event.target.keep && content.size) send({ content, as: "voice", name: "", word: "voice", album: "" });
    });
    recorder.start();
    timer = setTimeout(() => stop(true), LONGEST_VOICE_MS);
    showRecording(true);
  }

  function stop(keep) {
    clearTimeout(timer);
    if (recorder) {
      recorder.keep = keep;
      recorder.stop();
    }
    recorder = null;
    showRecording(false);
    if (keep) close();
  }

  function showRecording(on) {
    voice.classList.toggle("recording", on);
    const word = voice.querySelector("[data-text]");
    word.dataset.text = on ? "voice_send" : "voice";
    word.textContent = texts()[word.dataset.text];
    byId("voice-cancel").hidden = !on;
    for (const one of [byId("choose"), place]) one.disabled = on;
  }

  function locate() {
    place.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        place.disabled = false;
        close();
        sendPlace({ latitude: coords.latitude, longitude: coords.longitude });
      },
      () => {
        place.disabled = false;
        tell("no_place");
      },
      { timeout: 20000, maximumAge: 60000 },
    );
  }

  function close() {
    panel.hidden = true;
    byId("attach").setAttribute("aria-expanded", "false");
  }
}

// ---- Files that are not sent yet: kept in the browser, so that they go also after the page was closed ----

const WEEK_MS = 604800000;

function opened() {
  return new Promise((done, failed) => {
    const wish = indexedDB.open("chat", 1);
    wish.onupgradeneeded = () => wish.result.createObjectStore("files", { keyPath: "key" });
    wish.onsuccess = () => done(wish.result);
    wish.onerror = () => failed(wish.error);
  });
}

async function act(mode, what) {
  const base = await opened();
  try {
    return await new Promise((done, failed) => {
      const work = base.transaction("files", mode);
      const wish = what(work.objectStore("files"));
      work.oncomplete = () => done(wish.result);
      work.onabort = () => failed(work.error);
    });
  } finally {
    base.close();
  }
}

export const keepFile = (item) => act("readwrite", (files) => files.put(item));
export const dropFile = (key) => act("readwrite", (files) => files.delete(key));
export const dropAll = () => act("readwrite", (files) => files.clear());

// In the order in which they were chosen; what nobody came back for is not kept for ever.
export async function keptFiles() {
  const found = await act("readonly", (files) => files.getAll());
  const old = found.filter((one) => Date.now() - one.at > WEEK_MS);
  for (const one of old) await dropFile(one.key);
  return found.filter((one) => !old.includes(one)).sort((one, other) => one.at - other.at);
}
