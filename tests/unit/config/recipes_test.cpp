// The files in configs/ and the page docs/parameters.md.
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include <stationhit/config/load.hpp>
#include <stationhit/config/tune_space.hpp>
#include <stationhit/core/files.hpp>

namespace stationhit::config {
namespace {

const std::filesystem::path source_dir = STATIONHIT_SOURCE_DIR;

std::set<std::filesystem::path> recipes() {
  std::set<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source_dir / "configs")) {
    if (entry.path().extension() == ".yaml") found.insert(entry.path());
  }
  return found;
}

// configs/tune/edgeconv.yaml varies configs/edgeconv.yaml, and so does edgeconv_<what>.yaml unless
// there is a run of that name.
void load_space(const std::filesystem::path& path) {
  std::string name = path.stem();
  const auto run = [&] { return source_dir / "configs" / (name + ".yaml"); };
  if (!std::filesystem::exists(run())) name.erase(name.rfind('_'));
  (void)load_tune_space(path, load<RunConfig>(run(), {}));
}

void load_by_kind(const std::filesystem::path& path) {
  if (path.parent_path() == source_dir / "configs/tune") return load_space(path);
  switch (recognize(path)) {
    case FileKind::run:
      return void(load<RunConfig>(path, {}));
    case FileKind::preparation:
      return void(load<data::PrepareConfig>(path, {}));
    case FileKind::simulation:
      return void(load<simulation::SimulationConfig>(path, {}));
    default:
      FAIL() << path << " is no configuration";
  }
}

TEST(Recipes, EveryFileIsValidAndSaysWhatItIsFor) {
  ASSERT_GE(recipes().size(), 6U);
  for (const auto& path : recipes()) {
    EXPECT_NO_THROW(load_by_kind(path)) << path;
    const std::string text = core::read_text_file(path);
    EXPECT_TRUE(text.starts_with("# Purpose: ")) << path;
    EXPECT_NE(text.find("\n# Cost: "), std::string::npos) << path;
  }
}

TEST(Recipes, FilesAreRecognisedByTheirKeys) {
  EXPECT_EQ(recognize(source_dir / "configs/demo/simulate.yaml"), FileKind::simulation);
  EXPECT_EQ(recognize(source_dir / "configs/demo/prepare.yaml"), FileKind::preparation);
  EXPECT_EQ(recognize(source_dir / "configs/demo/run.yaml"), FileKind::run);
  EXPECT_EQ(recognize(source_dir / ".clang-format"), FileKind::unknown);
}

// The demo is one chain: what a step writes, the next one reads.
TEST(Recipes, DemoFitsTogether) {
  const auto simulate =
      load<simulation::SimulationConfig>(source_dir / "configs/demo/simulate.yaml", {});
  const auto prepare = load<data::PrepareConfig>(source_dir / "configs/demo/prepare.yaml", {});
  const auto run = load<RunConfig>(source_dir / "configs/demo/run.yaml", {});
  EXPECT_EQ(prepare.input, std::vector<std::string>{simulate.output});
  EXPECT_EQ(run.train_path, prepare.output + "/train");
  EXPECT_EQ(run.val_path, prepare.output + "/val");
  EXPECT_EQ(run.test_path, prepare.output + "/test");
}

TEST(ParametersPage, IsUpToDate) {
  EXPECT_EQ(core::read_text_file(source_dir / "docs/parameters.md"), parameters_markdown())
      << "write it again: stationhit parameters --markdown > docs/parameters.md";
}

}  // namespace
}  // namespace stationhit::config
