// stationhit compare RUN RUN...: tables, figures and a page of tested runs side by side.
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include <stationhit/evaluation/run_comparison.hpp>
#include <stationhit/workflow/compare_runs.hpp>

#include "frame/verbs.hpp"

namespace stationhit::app {

void add_compare(CLI::App& app, Program& program) {
  CLI::App* verb =
      app.add_subcommand("compare", "Lay tested runs side by side: numbers, curves, settings");
  auto options = std::make_shared<workflow::CompareOptions>();
  verb->add_option("RUN", options->runs,
                   "Run directories with test results; differences are to the first one")
      ->required()
      ->option_text("FOLDER FOLDER ...")
      ->expected(2, static_cast<int>(workflow::most_compared_runs));
  verb->add_option("--names", options->names,
                   "Names of the runs in tables and legends, separated by commas; without: those "
                   "of the directories")
      ->delimiter(',');
  verb->add_option("-o,--output", options->output, "Folder of the results")->capture_default_str();
  add_output_options(*verb, program);
  verb->callback([&program, options] {
    const auto comparison = workflow::compare_runs(*options, program);
    std::fputs(evaluation::run_comparison_markdown(comparison).c_str(), stdout);
    std::printf("\nwrote %s, compare.md and compare.json beside it, figures in plots/\n",
                (options->output / "compare.html").c_str());
  });
}

}  // namespace stationhit::app
