// What the pages do beyond the library: a choice of the page's length, the button of the column menu, and the bars of
// billing runs, which are asked for every two seconds while one of them runs and the page is looked at.
(function () {
  "use strict";

  document.querySelectorAll("select[data-kist-go]").forEach(function (select) {
    select.addEventListener("change", function () {
      window.location.assign(select.value);
    });
  });

  document.querySelectorAll("[data-kist-apply-columns]").forEach(function (button) {
    button.addEventListener("click", function () {
      window.applyColumnVisibility();
    });
  });

  function running() {
    return document.querySelectorAll('[data-kist-run][data-kist-status="running"]');
  }

  function show(run) {
    document.querySelectorAll('[data-kist-run="' + run.id + '"]').forEach(function (bar) {
      bar.dataset.kistStatus = run.status;
      bar.querySelector("progress").value = run.percent;
      bar.querySelector("span").textContent = run.percent + " %";
    });
  }

  function poll() {
    if (!running().length) return;
    if (document.hidden) {
      window.setTimeout(poll, 2000);
      return;
    }
    fetch("/admin/runs/progress", { headers: { Accept: "application/json" }, redirect: "error" })
      .then(function (answer) { return answer.ok ? answer.json() : []; })
      .then(function (runs) { runs.forEach(show); })
      .then(function () { window.setTimeout(poll, 2000); })
      .catch(function () { /* the session is over, or the house is closed: the next click says so */ });
  }

  poll();
})();
