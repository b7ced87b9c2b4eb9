// Files of other kinds in the place of a configuration.
#include <fstream>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/config/load.hpp>
#include <stationhit/config/tune_space.hpp>

#include "run_error.hpp"

namespace stationhit::config {
namespace {

using test::config_error;

TEST(Recognize, FilesOfAnotherKind) {
  EXPECT_EQ(run_error("events: 10\nmu: 20\nprocess: mix\nseed: 1\n"),
            "run.yaml: is a configuration of the verb simulate, not a run configuration (verbs "
            "stats, train, test, export, bench, prune, study); give another file with -c");
  EXPECT_CONTAINS(config_error([] {
                    (void)parse_text<simulation::SimulationConfig>(
                        "features: [localX]\ntraining: {}\nseed: 1\n", "run.yaml");
                  }),
                  "run.yaml: is a run configuration (verbs");
  EXPECT_CONTAINS(run_error("events: 3\nfeatures: [{name: localX}]\n"),
                  "run.yaml: is a statistics file");
  // One key of another kind is a mistyped or misplaced one.
  EXPECT_CONTAINS(run_error("seed: 1\nmu: 20\n"), "run.yaml:2: mu: unknown key");
}

TEST(Recognize, FilesThatAreNoText) {
  const test::ScratchFolder folder;
  std::ofstream(folder / "toy.root") << "root" << '\0' << "\xfa";
  EXPECT_EQ(config_error([&] { (void)load<RunConfig>(folder / "toy.root", {}); }),
            (folder / "toy.root").string() +
                ": is a file of another kind (ROOT file); expected a YAML configuration");
  // Begins like a safetensors file: 8 bytes of a length, then a bracket.
  std::ofstream(folder / "text.yaml") << "model:  {width: 8}\n";
  EXPECT_EQ(load<RunConfig>(folder / "text.yaml", {}).model.width, 8);
  EXPECT_EQ(config_error([&] { (void)load_tune_space(folder / "none.yaml", RunConfig{}); }),
            (folder / "none.yaml").string() +
                ": cannot be read: No such file or directory; expected a YAML configuration");
}

}  // namespace
}  // namespace stationhit::config
