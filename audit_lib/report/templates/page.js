(function () {
  "use strict";
  var printed = document.documentElement.classList.contains("print");
  var plots = [];
  var tallestPrinted = 800; // pixels: with its heading, a page of A4

  function draw(source) {
    var figure = JSON.parse(source.textContent);
    var place = source.previousElementSibling;
    var narrow = place.clientWidth < 560;
    var layout = figure.layout || {};
    delete layout.width;
    if (narrow || printed) {
      layout.font = Object.assign({}, layout.font, { size: 10 });
    }
    if (printed) {
      layout.height = Math.min(layout.height || place.clientHeight, tallestPrinted);
      place.style.height = layout.height + "px";
      figure.data.forEach(function (trace) {
        if (trace.marker) {
          delete trace.marker.pattern; // a hatching makes each bar an image: 10 MB of PDF
        }
      });
    }
    Plotly.newPlot(place, figure.data, layout, {
      responsive: !printed,
      staticPlot: printed,
      displayModeBar: false,
      displaylogo: false,
      scrollZoom: false,
      plotlyServerURL: "",
      showSendToCloud: false
    });
    if (!printed) { // laid out for paper already: another width would draw it again
      plots.push(place);
    }
  }

  document.querySelectorAll('script[type="application/vnd.plotly.v1+json"]').forEach(draw);
  window.addEventListener("beforeprint", function () {
    plots.forEach(function (place) {
      Plotly.relayout(place, { width: 670 }); // A4 less its margins
    });
  });
  window.addEventListener("afterprint", function () {
    plots.forEach(function (place) {
      Plotly.relayout(place, { width: null, autosize: true });
    });
  });

  var links = {};
  document.querySelectorAll(".toc a").forEach(function (link) {
    links[link.getAttribute("href").slice(1)] = link;
  });
  function here(link) {
    document.querySelectorAll(".toc > ol > li").forEach(function (part) {
      part.classList.toggle("here", part.contains(link));
    });
  }

  if ("IntersectionObserver" in window && !printed) {
    document.querySelector(".toc").classList.add("folded");
    var watcher = new IntersectionObserver(
      function (entries) {
        entries.forEach(function (entry) {
          if (!entry.isIntersecting) {
            return;
          }
          Object.values(links).forEach(function (link) {
            link.removeAttribute("aria-current");
          });
          links[entry.target.id].setAttribute("aria-current", "true");
          here(links[entry.target.id]);
        });
      },
      { rootMargin: "0px 0px -75% 0px" }
    );
    Object.keys(links).forEach(function (id) {
      var heading = document.getElementById(id);
      if (heading) {
        watcher.observe(heading);
      }
    });
  }
  document.documentElement.dataset.drawn = String(plots.length);
})();
