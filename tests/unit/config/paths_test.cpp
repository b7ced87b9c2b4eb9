// Paths in configurations.
#include <cstdlib>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/config/load.hpp>

#include "run_error.hpp"

namespace stationhit::config {
namespace {

TEST(Paths, PathsBelowTheHomeDirectory) {
  ::setenv("HOME", "/home/me", 1);
  const auto config = parse_text<RunConfig>("experiment_dir: ~/runs/x\ntrain_path: a~/b\n", "");
  EXPECT_EQ(config.experiment_dir, "/home/me/runs/x");
  EXPECT_EQ(config.train_path, "a~/b");
  EXPECT_EQ(parse_text<data::PrepareConfig>("input: [~/a.root, \"~\"]", "").input,
            (std::vector<std::string>{"/home/me/a.root", "~"}));
  EXPECT_EQ(parse_text<simulation::SimulationConfig>("", "", Overrides{"output=~/x.root"}).output,
            "/home/me/x.root");
}

TEST(Paths, PathsThatAShellWouldChange) {
  EXPECT_EQ(run_error("experiment_dir: ${SCRATCH}/x\nval_path: ~other/x\n"),
            "run.yaml: experiment_dir: '${SCRATCH}/x': variables of the environment are not "
            "replaced here; write the path itself, or give --set experiment_dir=... and let the "
            "shell replace them\n"
            "run.yaml: val_path: '~other/x': only the own home directory (~/...) is known here; "
            "write the path itself (./~name where a file is really named like this)");
}

}  // namespace
}  // namespace stationhit::config
