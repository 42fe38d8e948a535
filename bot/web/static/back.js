// The page that a private link opens. What stands behind the # is taken out of the address at once.

const byId = (id) => document.getElementById(id);
const texts = JSON.parse(document.body.dataset.texts);
const key = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
// By this the link opens again in this page alone, where the line broke before we heard that it was open.
const page = Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");

function say(word) {
  byId("told").textContent = texts[word];
  byId("open").hidden = word === "too_old";
  byId("anew").hidden = word !== "too_old";
  byId("warning").hidden = word === "too_old";
}

if (!key) say("too_old");

// What waits in this browser was written in another chat, and would be sent into this one: perhaps by somebody else.
async function dropUnsent() {
  try {
    localStorage.removeItem("chat-outbox");
    localStorage.removeItem("chat-files");
    await new Promise((done) => {
      const wish = indexedDB.deleteDatabase("chat");
      wish.onsuccess = wish.onerror = wish.onblocked = done;
    });
  } catch (error) {
    // A browser that keeps nothing.
  }
}

byId("open").addEventListener("click", async () => {
  byId("open").disabled = true;
  try {
    const answer = await fetch(location.pathname, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ key, page }),
      cache: "no-store", referrerPolicy: "same-origin",
    });
    if (answer.ok) {
      await dropUnsent();
      return location.replace("/");
    }
    say(answer.status === 410 ? "too_old" : answer.status === 429 ? "too_fast" : "no_line");
  } catch (error) {
    say("no_line");
  }
  byId("open").disabled = false;
});

byId("leave").addEventListener("click", () => location.replace(document.body.dataset.leaveTo));
