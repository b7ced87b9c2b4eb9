// stationhit study: variants of a run, trained with several seeds and compared on the validation
// split.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/workflow/study.hpp>

#include "force_option.hpp"
#include "frame/verbs.hpp"
#include "load_run.hpp"
#include "print_results.hpp"

namespace stationhit::app {
namespace {

struct StudyOptions {
  workflow::StudyKind kind = workflow::StudyKind::features;
  bool list = false;
};

void print_variant(const workflow::StudyVariant& variant) {
  std::string note;
  if (!variant.not_possible.empty()) note = "not possible: " + variant.not_possible;
  if (!variant.same_as.empty()) note = "same settings as " + variant.same_as;
  std::printf("%-34s %s\n", variant.name.c_str(), note.c_str());
}

void print_permutations(const std::vector<workflow::FeatureSet>& permuted,
                        const config::StudyConfig& study) {
  if (permuted.empty()) return;
  for (const workflow::FeatureSet& set : permuted)
    std::printf("%-34s permuted: %s\n", set.name.c_str(), core::join(set.features).c_str());
  std::printf("%zu sets of features are permuted %d times for each of %zu seeds of the base\n",
              permuted.size(), study.permutations, study.seeds.size());
}

void print_plan(const workflow::StudyPlan& plan, const config::StudyConfig& study) {
  const std::size_t seeds = study.seeds.size();
  for (const workflow::StudyVariant& variant : plan.variants) print_variant(variant);
  print_permutations(plan.permuted, study);
  const auto finished = std::ranges::count_if(plan.trainings, &workflow::StudyTraining::finished);
  std::printf("%zu trainings, %zu seeds each for %zu variants; %td of them finished\n",
              plan.trainings.size(), seeds, plan.trainings.size() / seeds, finished);
}

void print_training(const workflow::StudyTraining& training, std::size_t index, std::size_t n) {
  std::printf("training %zu of %zu: %s, seed %ju%s\n", index + 1, n, training.label.c_str(),
              static_cast<std::uintmax_t>(training.seed), training.finished ? ", finished" : "");
  std::fflush(stdout);
}

// After everything is written: the others are not lost.
void require_no_failure(const workflow::StudyResult& result) {
  const auto failed = std::ranges::count_if(result.gaps, &workflow::StudyGap::failed);
  if (failed == 0) return;
  throw core::DataError(std::to_string(failed) + " of the variants failed, see " +
                        result.table.string() +
                        "; the same command tries them again and takes the others as they are");
}

void run(const Program& program, const StudyOptions& options, workflow::ExistingResults existing) {
  const auto run_config = load_run(program, config::RunPurpose::study);
  if (options.list || program.options.debug)
    return print_plan(workflow::plan_study(options.kind, run_config, program.options.config_file),
                      run_config.study);
  training::keep_freed_memory();
  const auto result =
      workflow::run_study(options.kind, run_config, {program.options.config_file, false, existing},
                          program, {.training = print_training, .epoch_done = print_epoch});
  if (result.stopped) return;
  std::fputs(core::read_text_file(result.table).c_str(), stdout);
  std::printf("\nwrote %s, study.csv, study.json and two figures beside it\n",
              result.table.c_str());
  require_no_failure(result);
}

}  // namespace

void add_study(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand(
      "study",
      "Train variants of a run and compare them: features, graphs, encodings, networks, events");
  auto options = std::make_shared<StudyOptions>();
  verb->add_option_function<std::string>(
          "STUDY",
          [options](const std::string& name) {
            options->kind = core::value_of<workflow::StudyKind>(name).value();
          },
          "What is compared")
      ->check(CLI::IsMember(core::all_names<workflow::StudyKind>()))
      ->required();
  verb->add_flag("--list", options->list,
                 "Print the variants and the number of trainings, and end (so does -d)");
  add_common_options(*verb, program);
  const auto existing =
      add_force_option(*verb, "the trainings of this study and of the base, and begin again");
  verb->callback([&program, options, existing] { run(program, *options, *existing); });
}

}  // namespace stationhit::app
