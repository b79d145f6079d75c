// Copies the text of the element that `data-copies` names.
import { say } from "./shown.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button.copy");
  if (!button) return;
  const source = document.querySelector(button.dataset.copies);
  const text = (source.value ?? source.textContent).trim();
  try {
    await navigator.clipboard.writeText(text);
    say("Copied.");
  } catch {
    // Away from localhost and https a browser lends no clipboard.
    getSelection().selectAllChildren(source);
    say("This browser lends no clipboard here: the text is selected, copy it with the keyboard.");
  }
});
