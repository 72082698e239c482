// Swagger UI over our own document. Where the system is dark the page is too, at once when that changes.
"use strict";

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

SwaggerUIBundle({
  domNode: document.getElementById("reference"),
  url: document.getElementById("reference").dataset.document,
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  // A token is good for ten minutes and stays in the page's memory: it is never written into the browser's store.
  persistAuthorization: false,
  // A model is shown where it is used, and not once more in a list at the end.
  defaultModelsExpandDepth: -1,
  tryItOutEnabled: true,
  // It would be asked on somebody else's server.
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
});
