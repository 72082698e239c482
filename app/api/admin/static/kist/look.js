// The look before anything is drawn: the one that was chosen here, or that of the machine.
(function () {
  "use strict";
  var chosen = null;
  try { chosen = window.localStorage.getItem("kist-look"); } catch (error) { /* No storage: the machine's look. */ }
  var dark = chosen ? chosen === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.setAttribute("data-bs-theme", dark ? "dark" : "light");
})();
