// Scripts beyond the library's: the choice of the page length, the button of the column menu, pictures in forms, and the
// progress bars of billing runs. The bars are updated every two seconds while a run goes on and the page is visible.
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

  document.querySelectorAll("input[data-kist-picture]").forEach(function (input) {
    input.addEventListener("change", function () {
      const hidden = document.getElementById(input.dataset.kistPicture);
      hidden.value = "";
      if (!input.files.length) return;
      const reader = new FileReader();
      reader.addEventListener("load", function () {
        hidden.value = reader.result.slice(reader.result.indexOf(",") + 1);
      });
      reader.readAsDataURL(input.files[0]);
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
      .catch(function () { /* The session is over or the service is down: the next click shows it. */ });
  }

  poll();
})();
