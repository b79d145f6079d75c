// What is said when an answer is a fault or does not come; the results on the page stay.
import { say } from "./shown.js";

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, serverResponse } = event.detail;
  const place = document.getElementById("faults");
  if (xhr.status < 400) {
    place.replaceChildren();
    clearFields();
    return;
  }
  if (serverResponse.includes('class="fault"')) {
    event.detail.target = place;
    event.detail.swapOverride = "innerHTML";
    return;
  }
  // Not a page of ours: a proxy's words, or a failure that nobody foresaw.
  event.detail.shouldSwap = false;
  say(`The server failed (status ${xhr.status}). Its terminal says why.`);
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "faults") return;
  clearFields();
  for (const fault of event.detail.target.querySelectorAll("[data-key]")) markField(fault);
  say("Not computed: see the message. Anything shown below is from before.");
  // Who pressed a button may stand far from the message; who moves a slider is not to be taken from it.
  const pressed = event.detail.requestConfig?.triggeringEvent?.type === "submit";
  if (pressed) (document.querySelector("[aria-invalid=true]") ?? document.getElementById("main")).focus();
});

// The message beside its field too, where the fault names one.
function markField(fault) {
  const field = document.getElementsByName(fault.dataset.key)[0];
  const control = field?.closest(".control, .field");
  if (!control) return;
  const message = control.querySelector(".error");
  message.textContent = fault.textContent;
  field.setAttribute("aria-invalid", "true");
  const group = control.closest("details");
  if (group) group.open = true;
}

function clearFields() {
  for (const field of document.querySelectorAll("[aria-invalid=true]")) {
    field.removeAttribute("aria-invalid");
    const message = field.closest(".control, .field")?.querySelector(".error");
    if (message) message.textContent = "";
  }
}

document.addEventListener("htmx:sendError", () => {
  say("The server does not answer. Is dualtrack serve still running?");
});
document.addEventListener("htmx:timeout", () => {
  say("The server has not answered in time; change a value to ask again.");
});
