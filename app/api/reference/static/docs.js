// Swagger UI over our own document. The page follows the system's dark or light mode, also when it changes.
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
  // The token stays in the page's memory (it is valid for ten minutes) and is never written to the browser's storage.
  persistAuthorization: false,
  // The page shows a model where it is used, and no list of models at the end.
  defaultModelsExpandDepth: -1,
  tryItOutEnabled: true,
  // The validator is on another server.
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
});
