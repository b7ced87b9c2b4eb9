// stationhit inspect FILE: says what a file of this program contains. --codes needs no file.
#include <iostream>
#include <memory>
#include <optional>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/workflow/describe_file.hpp>
#include <stationhit/workflow/draw_event.hpp>
#include <stationhit/workflow/model_card.hpp>
#include <stationhit/workflow/plot_overview.hpp>

#include "frame/allow_unfinished.hpp"
#include "frame/choice.hpp"
#include "frame/model_library.hpp"
#include "frame/verbs.hpp"
#include "inspect/description_text.hpp"

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;

void print_figures(const std::vector<fs::path>& figures) {
  for (const fs::path& figure : figures)
    std::cout << "wrote " << figure.string() << ".png, .pdf, .csv\n";
}

struct Options {
  fs::path path, display, drawing;
  bool codes = false, plots = false, card = false;
  fs::path plot_folder = "overview";
  workflow::EventDisplayOptions event;
  workflow::OverviewOptions overview;
  const CLI::Option* tree = nullptr;
};

// How the ntuple is read is given once, whatever is drawn.
workflow::OverviewOptions overview_options(const Options& options) {
  workflow::OverviewOptions overview = options.overview;
  overview.tree = options.event.tree;
  overview.unfinished = options.event.unfinished;
  return overview;
}

void add_drawing_options(CLI::App& verb, Options& options) {
  CLI::Option* display =
      verb.add_option("--display", options.display,
                      "Draw one event of a ROOT ntuple or a prepared split into this folder");
  verb.add_option("--event", options.event.event,
                  "Number of the event to draw; without: the first one with a muon")
      ->needs(display);
  CLI::Option* draw = verb.add_option("--draw", options.drawing,
                                      "Draw the network of a run configuration into this SVG file")
                          ->excludes(display);
  options.tree =
      verb.add_option("--tree", options.event.tree,
                      "Name of the TTree or RNTuple to draw from, with its folder if it has one")
          ->capture_default_str()
          ->excludes(draw);
  CLI::Option* plots =
      verb.add_flag("--plots", options.plots,
                    "Draw overview figures of a ROOT ntuple, a prepared or a materialized split")
          ->excludes(display)
          ->excludes(draw);
  verb.add_option("-o,--output", options.plot_folder, "Folder for the figures of --plots")
      ->capture_default_str()
      ->needs(plots);
  verb.add_option("--events", options.overview.max_events,
                  "How many events --plots takes, from the first one on")
      ->capture_default_str()
      ->check(positive_number())
      ->needs(plots);
}

}  // namespace

void add_inspect(CLI::App& app, Program& program) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "inspect", "Say what a file contains: ROOT, prepared data, YAML, checkpoint, ONNX");
  CLI::Option* file = verb->add_option(
      "file", options->path,
      "File or folder, or the name of a model that comes with the program (stationhit models)");
  CLI::Option* codes =
      verb->add_flag("--codes", options->codes,
                     "List the codes of technologies and stations, and where they come from")
          ->excludes(file);
  add_drawing_options(*verb, *options);
  for (const char* drawing : {"--display", "--plots", "--draw", "--tree"})
    codes->excludes(verb->get_option(drawing));
  CLI::Option* card = verb->add_flag(
      "--card", options->card, "Print the card of an ONNX model: origin, inputs, results, limits");
  for (const char* other : {"--codes", "--display", "--plots", "--draw", "--tree"})
    card->excludes(verb->get_option(other));
  add_output_options(*verb, program);
  add_allow_unfinished(*verb, options->event.unfinished);
  verb->callback([&program, options, file, codes] {
    if (codes->count() > 0) {
      std::cout << codes_text();
    } else if (file->count() == 0) {
      throw CLI::RequiredError("file");
    } else if (options->card) {
      const fs::path model = find_model(options->path);
      std::cout << workflow::model_card_markdown(model, result_stem(model));
    } else if (options->plots) {
      print_figures(workflow::plot_overview(options->path, options->plot_folder,
                                            overview_options(*options), program));
    } else if (!options->display.empty()) {
      print_figures(
          workflow::draw_event(options->path, options->display, options->event, program.log()));
    } else if (!options->drawing.empty()) {
      std::cout << draw_network(options->path, options->drawing);
    } else if (options->tree->count() > 0) {
      throw core::UsageError(
          "inspect: --tree says what --plots or --display draws; without them "
          "the file is described with all its trees");
    } else {
      std::cout << description_text(
          workflow::describe_file(find_model(options->path), options->event.unfinished));
    }
  });
}

}  // namespace stationhit::app
